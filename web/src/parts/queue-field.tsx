import { type ReactElement, useId } from "react";
import { useLiveQuery } from "../api/use-live-query.ts";

const QUEUE_CHARS = 100;

/** A queue: one that is known, or any other. */
export function QueueField({
  label,
  queue,
  onChange,
}: {
  readonly label: string;
  readonly queue: string;
  readonly onChange: (queue: string) => void;
}): ReactElement {
  const known = useId();
  const queues = useLiveQuery("GET queues", {}).data?.queues ?? [];
  return (
    <label className="flex flex-col gap-1 sm:w-64">
      {label}
      <input
        className="field"
        list={known}
        maxLength={QUEUE_CHARS}
        autoComplete="off"
        value={queue}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={known}>
        {queues.map((one) => (
          <option key={one.queue} value={one.queue} />
        ))}
      </datalist>
    </label>
  );
}
