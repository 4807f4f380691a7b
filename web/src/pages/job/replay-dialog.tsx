import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useId, useState } from "react";
import type { Job, ReplayBody, ShownJson } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { useMeta } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { DialogFrame } from "../../parts/dialog-frame.tsx";
import { Banner } from "../../parts/notice.tsx";
import { QueueField } from "../../parts/queue-field.tsx";

/** A copy of the job, with its arguments as they are or as people change them. The job itself is left alone. */
export default function ReplayDialog({
  job,
  onClose,
}: {
  readonly job: Job;
  readonly onClose: () => void;
}): ReactElement {
  const before = JSON.stringify(job.arguments?.value ?? [], null, 2);
  const editable = job.arguments?.editable === true;
  const [text, setText] = useState(before);
  const [queue, setQueue] = useState(job.queue);
  const told = useId();
  const meta = useMeta();
  const navigate = useNavigate();
  const { run, busy } = useAction("POST jobs/:id/replay", {
    done: "Stored as a new job: this is its page.",
    after: ({ id }) => {
      onClose();
      void navigate({ to: "/jobs/$id", params: { id } });
    },
  });
  const parsed = parse(text);
  const send = () => {
    if ("problem" in parsed) return;
    const body: ReplayBody = {
      ...(text === before ? {} : { arguments: parsed.list }),
      ...(queue === job.queue ? {} : { queue }),
    };
    run({ params: { id: job.id }, body });
  };
  return (
    <DialogFrame title="Replay as a new job" onClose={onClose} wide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {meta?.knowsJobs === false && (
          <Banner>
            This dashboard was started without the application's jobs: no schema checks these arguments, and
            no filter is asked.
          </Banner>
        )}
        {!editable && (
          <Banner>
            These arguments cannot be edited here: they are cut, redacted, or hold what has no text. They are
            taken as they are stored.
          </Banner>
        )}
        <label className="flex flex-col gap-1">
          Arguments, as a JSON list
          <textarea
            className="field job-text h-72 resize-y py-2"
            spellCheck={false}
            readOnly={!editable}
            value={text}
            aria-invalid={"problem" in parsed}
            aria-describedby={told}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <p id={told} role="status" className="-mt-2 text-xs text-muted">
          {"problem" in parsed ? (
            <span className="text-failed">{parsed.problem}</span>
          ) : (
            'Dates and the like keep their form, such as {"$date": "2026-11-28T09:00:00.000Z"}.'
          )}
        </p>
        <QueueField label="Queue" queue={queue} onChange={setQueue} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            type="submit"
            look="strong"
            icon="replay"
            disabled={busy || "problem" in parsed || queue === ""}
          >
            {text === before ? "Replay" : "Replay with these arguments"}
          </Button>
        </div>
      </form>
    </DialogFrame>
  );
}

function parse(text: string): { readonly list: readonly ShownJson[] } | { readonly problem: string } {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list)
      ? { list }
      : { problem: "A list is needed, in brackets: one item for each argument." };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "This is no JSON." };
  }
}
