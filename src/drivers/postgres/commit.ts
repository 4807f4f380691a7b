import { type Change, type CommitOutcome, FLAG, isFinal } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { FINISH, LOOK, REOPEN, REWRITE, STAY } from "./commit-statements.ts";
import type { Connection } from "./connection.ts";
import { type Ending, SETTLED_IN_ONE_WRITE, settleEndings } from "./gates.ts";
import { dueAt, dueIn } from "./insert-row.ts";
import { isDone } from "./row.ts";
import type { Runner, Statement } from "./statements.ts";

type Outcomes = Map<Change, CommitOutcome>;
type Applied = [id: string, flags: number];

/** Where a change that was not applied at once has to go: an answer, or the way of the rarer moves. */
type Found = CommitOutcome | "from-job" | "from-job-done";

export async function commit(connection: Connection, changes: readonly Change[]): Promise<CommitOutcome[]> {
  const outcomes: Outcomes = new Map();
  for (const round of rounds(changes)) {
    await connection.attempt("commit changes", () => commitRound(connection, round, outcomes));
  }
  return changes.map((change) => outcomes.get(change) ?? "busy");
}

/** Each change is atomic by itself: if the process dies between two statements, a replay of the call ends the rest. */
async function commitRound(
  connection: Connection,
  changes: readonly Change[],
  outcomes: Outcomes,
): Promise<void> {
  const open = changes.filter((change) => !outcomes.has(change));
  const finished = open.filter(({ state }) => isDone(state));
  const stayed = open.filter(({ state }) => !isDone(state));
  await apply(connection, FINISH, finished, outcomes, [false]);
  await apply(connection, STAY, stayed, outcomes);
  const rest = open.filter((change) => !outcomes.has(change));
  if (rest.length > 0) await commitRest(connection, rest, outcomes);
}

/** Replays, lost claims, jobs that others wait for, and jobs that had finished: all that is not the plain way. */
async function commitRest(
  connection: Connection,
  changes: readonly Change[],
  outcomes: Outcomes,
): Promise<void> {
  const found = await look(connection, changes);
  const moves = new Map<Change, "from-job" | "from-job-done">();
  changes.forEach((change, index) => {
    const what = found[index] ?? "gone";
    if (what === "from-job" || what === "from-job-done") moves.set(change, what);
    else outcomes.set(change, what);
  });
  if (moves.size === 0) return;
  const moved: Outcomes = new Map();
  await connection.transaction((tx) => move(tx, moves, moved));
  for (const [change, outcome] of moved) outcomes.set(change, outcome);
}

/** The changes and what they mean for those who wait, in one transaction. */
async function move(
  tx: Runner,
  moves: ReadonlyMap<Change, "from-job" | "from-job-done">,
  outcomes: Outcomes,
): Promise<void> {
  const from = (place: string) => [...moves].filter(([, at]) => at === place).map(([change]) => change);
  const done = from("from-job-done");
  const applied = [
    ...(await apply(tx, FINISH, from("from-job"), outcomes, [true])),
    ...(await apply(
      tx,
      REWRITE,
      done.filter(({ state }) => isDone(state)),
      outcomes,
    )),
    ...(await apply(
      tx,
      REOPEN,
      done.filter(({ state }) => !isDone(state)),
      outcomes,
    )),
  ];
  await settleEndings(
    tx,
    applied.flatMap(([change, flags]) => endingOf(change, flags)),
    SETTLED_IN_ONE_WRITE,
  );
}

function endingOf({ id, state }: Change, flags: number): Ending[] {
  if (!isFinal(state) || (flags & FLAG.parent) === 0) return [];
  return [{ id, outcome: STATE[state] }];
}

/** Runs one kind of move; what it has written is `applied`, the rest is left open. */
async function apply(
  runner: Runner,
  statement: Statement,
  changes: readonly Change[],
  outcomes: Outcomes,
  more: readonly unknown[] = [],
): Promise<[change: Change, flags: number][]> {
  if (changes.length === 0) return [];
  const rows = await runner.run<Applied>(statement, [...parameters(changes), ...more]);
  const flags = new Map(rows);
  return changes.flatMap((change): [Change, number][] => {
    const found = flags.get(change.id);
    if (found === undefined) return [];
    outcomes.set(change, "applied");
    return [[change, found]];
  });
}

function parameters(changes: readonly Change[]): string[] {
  return [
    textArray(changes.map(({ id }) => id)),
    plainArray(changes.map(({ fence }) => fence)),
    plainArray(changes.map(({ state }) => STATE[state])),
    textArray(changes.map(({ state, entry }) => (state === "Enqueued" ? "" : entry))),
    textArray(changes.map(({ past }) => past)),
    textArray(changes.map(tailsOf)),
    plainArray(changes.map(({ failed }) => failed === true)),
    textArray(changes.map(({ queue }) => queue ?? null)),
    plainArray(changes.map(({ due }) => dueIn(due))),
    plainArray(changes.map(({ due }) => dueAt(due))),
    plainArray(changes.map(({ keepSeq }) => keepSeq === true)),
    plainArray(changes.map(({ crashed }) => crashed === true)),
  ];
}

/** What the store stamps with its own time, oldest first. */
function tailsOf({ state, entry, replaced = [] }: Change): string {
  return (state === "Enqueued" ? [...replaced, entry] : replaced).join("\n");
}

async function look(runner: Runner, changes: readonly Change[]): Promise<Found[]> {
  const rows = await runner.run<Look>(LOOK, [
    textArray(changes.map(({ id }) => id)),
    plainArray(changes.map(({ fence }) => fence)),
    plainArray(changes.map(({ state }) => STATE[state])),
    textArray(changes.map(({ entry }) => entry)),
  ]);
  const found: Found[] = changes.map(() => "gone");
  for (const row of rows) {
    const change = changes[row[0] - 1];
    if (change !== undefined) found[row[0] - 1] = judge(change, row);
  }
  return found;
}

type Look = [nth: number, fence: number, done: boolean, flags: number, replay: boolean];

function judge(change: Change, [, fence, done, flags, replay]: Look): Found {
  if (fence !== change.fence) return replay ? "already" : "stale";
  if (done) return "from-job-done";
  if (isFinal(change.state) && (flags & FLAG.parent) !== 0) return "from-job";
  // The guard holds and still nothing was written: a neighbour has the row locked.
  return "busy";
}

/** A statement can change a row once: of two changes of one job the second is judged after the first. */
function rounds(changes: readonly Change[]): Change[][] {
  const rounds: Change[][] = [];
  const seen = new Map<string, number>();
  for (const change of changes) {
    const nth = seen.get(change.id) ?? 0;
    seen.set(change.id, nth + 1);
    const round = rounds[nth];
    if (round === undefined) rounds.push([change]);
    else round.push(change);
  }
  return rounds;
}
