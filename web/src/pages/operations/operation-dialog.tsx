import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { DryRun, JobFilter } from "../../../../src/dashboard/api/index.ts";
import { call } from "../../api/call.ts";
import { useAction } from "../../api/use-action.ts";
import { useMeta } from "../../api/use-meta.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { formatCount } from "../../parts/count.ts";
import { DelayField, FIRST_DELAY_MS } from "../../parts/delay-field.tsx";
import { Banner, Failure } from "../../parts/notice.tsx";
import { QueueField } from "../../parts/queue-field.tsx";
import { Segmented } from "../../parts/segmented.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { FilterText } from "./filter-text.tsx";
import { type Kind, REQUEUE } from "./operation-kinds.ts";
import { useKinds } from "./use-kinds.ts";

const PACES = [0, 10, 100, 1_000] as const;
/** From here on it is typed what is to happen. */
const MANY = 1_000;

/** One action on everything that matches: counted first, then run by the servers, at the pace that people choose. */
export default function OperationDialog({
  filter,
  onClose,
}: {
  readonly filter: JobFilter;
  readonly onClose: () => void;
}): ReactElement {
  const kinds = useKinds(filter.state);
  const production = useMeta()?.environment === "production";
  const navigate = useNavigate();
  const [{ value: kind, label }, setKind] = useState<Kind>(kinds[0] ?? REQUEUE);
  const [queue, setQueue] = useState("");
  const [delay, setDelay] = useState(FIRST_DELAY_MS);
  const [pace, setPace] = useState(0);
  const count = useQuery({
    queryKey: ["POST operations", "dry run", filter],
    queryFn: ({ signal }) => call("POST operations", { body: { kind, filter, dryRun: true }, signal }),
    // Counted once when it opens; the kind changes no count.
    ...{ staleTime: Number.POSITIVE_INFINITY, gcTime: 0 },
  });
  const counted = count.data?.dryRun ?? undefined;
  const begin = useAction("POST operations", {
    done: "Begun. It goes on when this tab is closed.",
    after: () => void navigate({ to: "/operations" }),
  });
  const large = counted !== undefined && (counted.matches >= MANY || counted.matchesIsBound || production);
  const wish = {
    kind,
    filter,
    ...(kind === "move" ? { queue } : kind === "reschedule" ? { in: delay } : {}),
  };
  const confirm = () => begin.run({ body: { ...wish, ...(pace === 0 ? {} : { pace }) } });
  const isSaid = kinds.length > 0 && (kind !== "move" || queue !== "");
  return (
    <ConfirmDialog
      title="Act on all that match"
      action={counted === undefined ? "Counting…" : `${label} ${amount(counted)}`}
      danger={kind === "delete"}
      busy={counted === undefined || counted.matches === 0 || begin.busy || !isSaid}
      {...(large ? { typed: kind } : {})}
      onConfirm={confirm}
      onClose={onClose}
    >
      <FilterText filter={filter} />
      <Segmented
        label="What to do"
        options={kinds}
        value={kind}
        onPick={(picked) => setKind(kinds.find(({ value }) => value === picked) ?? REQUEUE)}
      />
      {kind === "move" && <QueueField label="To this queue" queue={queue} onChange={setQueue} />}
      {kind === "reschedule" && <DelayField ms={delay} onChange={setDelay} />}
      <Counting {...{ counted, error: count.error, retry: () => void count.refetch() }} />
      <PaceField pace={pace} onChange={setPace} />
      <p className="text-muted">
        Only jobs that are in this state now are touched, each one only if it has not changed when its turn
        comes. It can be aborted.
      </p>
    </ConfirmDialog>
  );
}

interface CountingProps {
  readonly counted: DryRun | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
}

function Counting({ counted, error, retry }: CountingProps): ReactElement {
  if (error !== null) return <Failure error={error} retry={retry} />;
  if (counted !== undefined) return <Counted dryRun={counted} />;
  return (
    <div role="status" className="shimmer h-24 rounded-md">
      <span className="sr-only">Counting</span>
    </div>
  );
}

interface PaceFieldProps {
  /** Jobs a second; 0: as fast as it goes. */
  readonly pace: number;
  readonly onChange: (pace: number) => void;
}

function PaceField({ pace, onChange }: PaceFieldProps): ReactElement {
  return (
    <label className="flex items-center justify-between gap-3">
      Pace
      <select className="field" value={pace} onChange={(event) => onChange(Number(event.target.value))}>
        {PACES.map((perSecond) => (
          <option key={perSecond} value={perSecond}>
            {perSecond === 0 ? "as fast as it goes" : `${formatCount(perSecond)} a second`}
          </option>
        ))}
      </select>
    </label>
  );
}

function Counted({ dryRun }: { readonly dryRun: DryRun }): ReactElement {
  const most = Math.max(1, ...dryRun.byName.map(({ count }) => count));
  return (
    <div className="rounded-md border border-line p-3">
      <p className="mb-2 font-semibold">{amount(dryRun)} match now</p>
      {dryRun.incomplete !== null && (
        <Banner tone="warning">
          The count stopped before its end: there may be more. The operation takes all of them.
        </Banner>
      )}
      <ul className="flex flex-col gap-1">
        {dryRun.byName.slice(0, 6).map(({ name, count }) => (
          <li key={name} className="grid grid-cols-[1fr_6rem_4rem] items-center gap-3">
            <span className="truncate font-mono text-xs">{visibleText(name)}</span>
            <span aria-hidden="true" className="h-1.5 rounded-full bg-sunken">
              <span
                className="block h-full rounded-full bg-line-strong"
                style={{ width: `${(100 * count) / most}%` }}
              />
            </span>
            <span className="text-right">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function amount({ matches, matchesIsBound }: DryRun): string {
  return `${formatCount(matches)}${matchesIsBound ? "+" : ""} ${matches === 1 ? "job" : "jobs"}`;
}
