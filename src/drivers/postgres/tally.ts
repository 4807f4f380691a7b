import { STATE } from "../shared/state-codes.ts";
import type { Tables } from "./schema.ts";

/** Columns of the counters, and the code of the state that each counts. */
const COUNTED: readonly (readonly [column: string, state: number])[] = [
  ["enqueued", STATE.Enqueued],
  ["scheduled", STATE.Scheduled],
  ["awaiting", STATE.Awaiting],
  ["processing", STATE.Processing],
  ["succeeded", STATE.Succeeded],
  ["failed", STATE.Failed],
  ["deleted", STATE.Deleted],
];
export const STATE_COLUMNS = COUNTED.map(([column]) => column);

const ENTERED: readonly (readonly [column: string, state: number])[] = [
  ["entered_succeeded", STATE.Succeeded],
  ["entered_failed", STATE.Failed],
  ["entered_deleted", STATE.Deleted],
];

/** Where the rows of a part of a statement came from and went: a state's code, or an expression that gives it. */
export interface Moves {
  readonly from?: number | string;
  readonly to?: number | string;
  /** A condition: the run has failed and is tried again. */
  readonly retried?: string;
}

/**
 * A part of a write that appends what it changes in the counters: with what it counts it is committed or undone. It
 * takes `source`, a part of the same statement, and `clock`.
 */
export function tallied(t: Tables, source: string, moves: Moves): string {
  const columns = [...STATE_COLUMNS, ...ENTERED.map(([column]) => column), "retried"];
  const values = [
    ...COUNTED.map(([, state]) => difference(count(moves.to, state), count(moves.from, state))),
    ...ENTERED.map(([, state]) => count(moves.to, state)),
    moves.retried === undefined ? "0" : `count(*) FILTER (WHERE ${moves.retried})`,
  ];
  return `INSERT INTO ${t.tally} (hour, ${columns.join(", ")})
    SELECT (SELECT now - now % 3600000 FROM clock), ${values.join(", ")} FROM ${source} HAVING count(*) > 0`;
}

function count(side: number | string | undefined, state: number): string {
  if (side === undefined) return "0";
  if (typeof side === "number") return side === state ? "count(*)" : "0";
  return `count(*) FILTER (WHERE ${side} = ${state})`;
}

function difference(to: string, from: string): string {
  return from === "0" ? to : `${to} - ${from}`;
}
