import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { DryRun, JobFilter, OperationBody } from "../../../../src/dashboard/api/index.ts";
import { call } from "../../api/call.ts";
import { useAction } from "../../api/use-action.ts";
import { useCan, useMeta } from "../../api/use-meta.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { formatCount } from "../../parts/count.ts";
import { Banner, Failure } from "../../parts/notice.tsx";
import { Segmented } from "../../parts/segmented.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { FilterText } from "./filter-text.tsx";

type Kind = Extract<OperationBody["kind"], "requeue" | "delete">;

const KINDS = [
  { value: "requeue", label: "Requeue" },
  { value: "delete", label: "Delete" },
] as const;
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
  const may = { requeue: useCan("requeue"), delete: useCan("delete") };
  const production = useMeta()?.environment === "production";
  const navigate = useNavigate();
  const [kind, setKind] = useState<Kind>(may.requeue ? "requeue" : "delete");
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
  const confirm = () => begin.run({ body: { kind, filter, ...(pace === 0 ? {} : { pace }) } });
  return (
    <ConfirmDialog
      title="Act on all that match"
      action={
        counted === undefined
          ? "Counting…"
          : `${kind === "requeue" ? "Requeue" : "Delete"} ${amount(counted)}`
      }
      danger={kind === "delete"}
      busy={counted === undefined || counted.matches === 0 || begin.busy || !may[kind]}
      {...(large ? { typed: kind } : {})}
      onConfirm={confirm}
      onClose={onClose}
    >
      <FilterText filter={filter} />
      <Segmented label="What to do" options={KINDS} value={kind} onPick={setKind} />
      {count.error !== null ? (
        <Failure error={count.error} retry={() => void count.refetch()} />
      ) : counted === undefined ? (
        <div role="status" className="shimmer h-24 rounded-md">
          <span className="sr-only">Counting</span>
        </div>
      ) : (
        <Counted dryRun={counted} />
      )}
      <label className="flex items-center justify-between gap-3">
        Pace
        <select className="field" value={pace} onChange={(event) => setPace(Number(event.target.value))}>
          {PACES.map((perSecond) => (
            <option key={perSecond} value={perSecond}>
              {perSecond === 0 ? "as fast as it goes" : `${formatCount(perSecond)} a second`}
            </option>
          ))}
        </select>
      </label>
      <p className="text-muted">
        Only jobs that are in this state now are touched, each one only if it has not changed when its turn
        comes. It can be aborted.
      </p>
    </ConfirmDialog>
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
