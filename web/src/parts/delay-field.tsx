import { type ReactElement, useId } from "react";

const DELAYS = [
  { label: "1 minute", ms: 60_000 },
  { label: "10 minutes", ms: 600_000 },
  { label: "1 hour", ms: 3_600_000 },
  { label: "6 hours", ms: 21_600_000 },
  { label: "1 day", ms: 86_400_000 },
  { label: "1 week", ms: 604_800_000 },
] as const;

export const FIRST_DELAY_MS: number = DELAYS[0].ms;

/** How long from now. */
export function DelayField({
  ms,
  onChange,
}: {
  readonly ms: number;
  readonly onChange: (ms: number) => void;
}): ReactElement {
  const id = useId();
  return (
    <label htmlFor={id} className="flex flex-col gap-1">
      Run it in
      <select id={id} className="field" value={ms} onChange={(event) => onChange(Number(event.target.value))}>
        {DELAYS.map((delay) => (
          <option key={delay.ms} value={delay.ms}>
            {delay.label}
          </option>
        ))}
      </select>
    </label>
  );
}
