import type { StoredOperation } from "../../operations/operation.ts";
import type { OperationRow } from "../api/operations.ts";
import type { RowMaker } from "./job-row.ts";

/** What was looked for may be what jobs work with: without the permission it is left out. */
export function toOperationRow({ id, at, operation }: StoredOperation, { withData }: RowMaker): OperationRow {
  const { args: _, path: __, error: ___, ...open } = operation.selection;
  const selection = withData ? operation.selection : open;
  const { kind, state, by, createdAt, endedAt, matches, pace, worker, error } = operation;
  return {
    ...{ id, kind, state, filter: selection, by, createdAt, updatedAt: at, endedAt },
    matches: matches?.count ?? null,
    matchesIsBound: matches?.isBound ?? false,
    scanned: operation.scanned,
    applied: operation.applied,
    skipped: operation.skipped,
    pace,
    worker: worker?.incarnation ?? null,
    error: withData ? error : null,
  };
}
