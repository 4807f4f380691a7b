import type { Change } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { plainArray, type Texts, textArray, texts } from "./arrays.ts";
import { SUCCEED } from "./commit-statements.ts";
import { dueAt, dueIn } from "./insert-row.ts";
import type { Runner, Statement } from "./statements.ts";

/** A change as it is written: its limit may let a job wait, or skip it. */
export interface Move {
  readonly change: Change;
  readonly state: number;
  readonly hold: number;
  readonly entry: string;
}

export interface Applied {
  readonly move: Move;
  readonly flags: number;
}

type Row = [id: string, flags: number, state: number, hold: number, queue: string, dueAt: number | null];

/** As the change asks for. */
export function moveOf(change: Change): Move {
  return {
    change,
    state: STATE[change.state],
    hold: change.state === "Scheduled" ? HOLD.due : HOLD.none,
    entry: change.state === "Enqueued" ? "" : change.entry,
  };
}

/** Runs one kind of move. Those whose guard holds and that no neighbour has locked are written. */
export async function applyMoves(
  runner: Runner,
  statement: Statement,
  moves: readonly Move[],
  more: readonly unknown[] = [],
): Promise<Applied[]> {
  if (moves.length === 0) return [];
  const rows = await runner.run<Row>(statement, [...parameters(moves), ...more]);
  for (const row of rows) tell(runner, row);
  const flags = new Map(rows.map(([id, flags]) => [id, flags]));
  return moves.flatMap((move): Applied[] => {
    const found = flags.get(move.change.id);
    return found === undefined ? [] : [{ move, flags: found }];
  });
}

/** A success that changes nothing else: what nearly every change is. */
export function isPlainSuccess({ state, replaced, failed, crashed, queue, parameters }: Change): boolean {
  const isPlain = replaced === undefined || replaced.length === 0;
  return (
    state === "Succeeded" && isPlain && !failed && !crashed && queue === undefined && parameters === undefined
  );
}

type Succeeded = [count: number, ids: string[] | null];

/** Runs plain successes, but for jobs that others may wait for. Those that were written. */
export async function applySuccesses(runner: Runner, changes: readonly Change[]): Promise<readonly Change[]> {
  if (changes.length === 0) return [];
  const [answer] = await runner.run<Succeeded>(SUCCEED, [
    textArray(changes.map(({ id }) => id)),
    plainArray(changes.map(({ fence }) => fence)),
    texts(changes.map(({ entry }) => entry)),
    texts(changes.map(({ past }) => past)),
  ]);
  const [count, ids] = answer ?? [0, null];
  if (count === 0) return [];
  runner.news.happened("finished");
  if (count === changes.length) return changes;
  const written = new Set(ids);
  return changes.filter(({ id }) => written.has(id));
}

function tell({ news }: Runner, [, , state, hold, queue, at]: Row): void {
  if (state >= STATE.Succeeded) news.happened("finished");
  else if (state === STATE.Enqueued && hold === HOLD.none) news.readied(queue);
  else if (state === STATE.Scheduled && at !== null) news.at("due", at);
}

function parameters(moves: readonly Move[]): (string | Texts)[] {
  const changes = moves.map(({ change }) => change);
  return [
    textArray(changes.map(({ id }) => id)),
    plainArray(changes.map(({ fence }) => fence)),
    plainArray(moves.map(({ state }) => state)),
    texts(moves.map(({ entry }) => entry)),
    texts(changes.map(({ past }) => past)),
    texts(changes.map(tailsOf)),
    plainArray(changes.map(({ failed }) => failed === true)),
    texts(changes.map(({ queue }) => queue ?? null)),
    plainArray(changes.map(({ due }) => dueIn(due))),
    plainArray(changes.map(({ due }) => dueAt(due))),
    plainArray(changes.map(({ state, keepSeq }) => state === "Enqueued" && keepSeq !== true)),
    plainArray(changes.map(({ crashed }) => crashed === true)),
    plainArray(moves.map(({ hold }) => hold)),
    texts(changes.map((change) => change.parameters ?? null)),
    plainArray(changes.map(({ keepsPlan }) => keepsPlan === true)),
  ];
}

/** What the store stamps with its own time, oldest first. */
function tailsOf({ state, entry, replaced = [] }: Change): string {
  return (state === "Enqueued" ? [...replaced, entry] : replaced).join("\n");
}
