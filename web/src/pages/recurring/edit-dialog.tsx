import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useEffect, useId, useState } from "react";
import type { Misfire, RecurringDetails, RecurringEditBody } from "../../../../src/dashboard/api/index.ts";
import { call } from "../../api/call.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../parts/button.tsx";
import { CronWords } from "../../parts/cron-words.tsx";
import { DialogFrame } from "../../parts/dialog-frame.tsx";
import { Banner } from "../../parts/notice.tsx";
import { allZones } from "../../time/zone.ts";
import { NextRuns } from "./next-runs.tsx";

const TYPING_MS = 250;
const MISFIRES: readonly { readonly value: Misfire; readonly label: string }[] = [
  { value: "relaxed", label: "One run for all that were missed" },
  { value: "strict", label: "A run for each that was missed" },
  { value: "ignorable", label: "Leave them out" },
];

/**
 * Another time, zone, queue: with the runs that would follow, by the scheduler's own reckoning, before anything is
 * saved. It is an edit of what was there when it was opened: what others change meanwhile is not undone, but said.
 */
export default function EditDialog({
  details: now,
  onClose,
}: {
  readonly details: RecurringDetails;
  readonly onClose: () => void;
}): ReactElement {
  const { id, version } = now;
  const [opened] = useState(() => editableOf(now));
  const [draft, setDraft] = useState(opened);
  // Its version rises with each run; whether somebody else has edited it, the texts say.
  const edited = Object.keys(changes(opened, editableOf(now))).length > 0;
  const preview = usePreview(draft.cron, draft.timeZone);
  const { run, busy } = useAction("POST recurring/:id/edit", {
    done: `${id} is changed.`,
    after: ({ applied }) => applied && onClose(),
  });
  const problem = useId();
  const zones = useId();
  const set = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  const save = () => {
    const body: RecurringEditBody = { version, ...changes(opened, draft) };
    run({ params: { id }, body });
  };
  return (
    <DialogFrame title={`Edit ${id}`} onClose={onClose} wide>
      <form
        className="grid gap-6 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <div className="flex flex-col gap-3">
          {edited && (
            <Banner tone="warning">
              It was changed by somebody else since you opened this: close it, and edit it as it is now.
            </Banner>
          )}
          <label className="flex flex-col gap-1">
            When
            <input
              className="field font-mono"
              value={draft.cron}
              aria-invalid={preview.error !== null}
              aria-describedby={problem}
              onChange={(event) => set({ cron: event.target.value })}
            />
          </label>
          <p id={problem} role="status" className="-mt-2 min-h-4 text-xs">
            {preview.error === null ? (
              <CronWords cron={draft.cron} />
            ) : (
              <span className="text-failed">{preview.error}</span>
            )}
          </p>
          <label className="flex flex-col gap-1">
            Zone
            <input
              className="field"
              list={zones}
              value={draft.timeZone}
              onChange={(event) => set({ timeZone: event.target.value })}
            />
            <datalist id={zones}>
              {allZones().map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </label>
          <label className="flex flex-col gap-1">
            Missed runs
            <select
              className="field"
              value={draft.misfire}
              onChange={(event) =>
                set({
                  misfire: MISFIRES.find(({ value }) => value === event.target.value)?.value ?? "relaxed",
                })
              }
            >
              {MISFIRES.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          <div className="flex gap-3">
            <label className="flex min-w-0 flex-1 flex-col gap-1">
              Queue
              <input
                className="field"
                value={draft.queue}
                onChange={(event) => set({ queue: event.target.value })}
              />
            </label>
            <label className="flex w-24 flex-col gap-1">
              Priority
              <input
                className="field"
                type="number"
                min={-32767}
                max={32767}
                value={draft.priority}
                onChange={(event) => set({ priority: Number(event.target.value) })}
              />
            </label>
          </div>
        </div>
        <section aria-label="Runs that would follow">
          <h3 className="label-small mb-1">Runs that would follow</h3>
          <NextRuns runs={preview.nextRuns} timeZone={draft.timeZone} />
        </section>
        <div className="flex justify-end gap-2 sm:col-span-2">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            type="submit"
            look="strong"
            disabled={
              busy || edited || preview.error !== null || Object.keys(changes(opened, draft)).length === 0
            }
          >
            Save
          </Button>
        </div>
      </form>
    </DialogFrame>
  );
}

function usePreview(
  cron: string,
  timeZone: string,
): { readonly nextRuns: RecurringDetails["nextRuns"]; readonly error: string | null } {
  const [asked, setAsked] = useState({ cron, timeZone });
  useEffect(() => {
    const timer = setTimeout(() => setAsked({ cron, timeZone }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [cron, timeZone]);
  const { data, error } = useQuery({
    queryKey: ["POST recurring/preview", asked],
    queryFn: ({ signal }) => call("POST recurring/preview", { body: asked, signal }),
    placeholderData: (before) => before,
  });
  return { nextRuns: data?.nextRuns ?? [], error: error?.message ?? data?.error ?? null };
}

type Editable = Required<Omit<RecurringEditBody, "version">>;

function editableOf({ cron, timeZone, misfire, queue, priority }: RecurringDetails): Editable {
  return { cron, timeZone, misfire, queue, priority };
}

function changes(
  before: Editable,
  { cron, timeZone, misfire, queue, priority }: Editable,
): Partial<Editable> {
  return {
    ...(cron === before.cron ? {} : { cron }),
    ...(timeZone === before.timeZone ? {} : { timeZone }),
    ...(misfire === before.misfire ? {} : { misfire }),
    ...(queue === before.queue ? {} : { queue }),
    ...(priority === before.priority ? {} : { priority }),
  };
}
