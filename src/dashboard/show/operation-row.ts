import type { StoredOperation } from "../../operations/operation.ts";
import type { OperationRow } from "../api/operations.ts";
import type { RowMaker } from "./job-row.ts";
import { showFilter } from "./shown-filter.ts";

/** What was looked for, and what went wrong, may be what jobs work with. */
export function toOperationRow({ id, at, operation }: StoredOperation, maker: RowMaker): OperationRow {
  const { kind, state, by, createdAt, endedAt, matches, pace, worker, error } = operation;
  return {
    ...{ id, kind, state, by, createdAt, updatedAt: at, endedAt, pace },
    filter: showFilter(operation.selection, maker),
    queue: operation.queue ?? null,
    due: operation.due ?? null,
    matches: matches?.count ?? null,
    matchesIsBound: matches?.isBound ?? false,
    scanned: operation.scanned,
    applied: operation.applied,
    skipped: operation.skipped,
    worker: worker?.incarnation ?? null,
    error: maker.withData ? maker.redactor.textOrNull(error, "error", "message") : null,
  };
}
