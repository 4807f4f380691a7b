import { type Change, type CommitOutcome, FLAG, isFinal, TAIL } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { enterLimited, type Limited, lockLimited } from "./commit-limited.ts";
import {
  type Applied,
  applyMoves,
  applySuccesses,
  isPlainSuccess,
  type Move,
  moveOf,
} from "./commit-moves.ts";
import { FINISH, LOOK, REOPEN, REWRITE, STAY } from "./commit-statements.ts";
import { RaceError } from "./errors.ts";
import { freePermits, SETTLED_IN_ONE_WRITE, settleEndings, withFreeGates } from "./gates.ts";
import { WAITING } from "./permits.ts";
import { type Ending, type PutOff, putOff, putOffEndings } from "./release-records.ts";
import { isDone } from "./row.ts";
import type { Runner, Session } from "./statements.ts";

type Outcomes = Map<Change, CommitOutcome>;

/** Where a change that was not applied at once has to go: an answer, or the way of the rarer moves. */
type Found = CommitOutcome | "from-job" | "from-job-done";
type Place = Extract<Found, "from-job" | "from-job-done">;

export async function commit(session: Session, changes: readonly Change[]): Promise<CommitOutcome[]> {
  const outcomes: Outcomes = new Map();
  for (const round of rounds(changes)) {
    await session.attempt("commit changes", () => commitRound(session, round, outcomes));
  }
  return changes.map((change) => outcomes.get(change) ?? "busy");
}

/** Each change is atomic by itself: if the process dies between two statements, a replay of the call ends the rest. */
async function commitRound(session: Session, changes: readonly Change[], outcomes: Outcomes): Promise<void> {
  const open = changes.filter((change) => !outcomes.has(change));
  const plain = open.filter(isPlainSuccess);
  for (const change of await applySuccesses(session, plain)) outcomes.set(change, "applied");
  const others = plain.length === open.length ? [] : open.filter((change) => !isPlainSuccess(change));
  const finished = others.filter(({ state }) => isDone(state)).map(moveOf);
  const stayed = others.filter(({ state }) => !isDone(state)).map(moveOf);
  for (const [statement, moves] of [
    [FINISH, finished],
    [STAY, stayed],
  ] as const) {
    for (const { move } of await applyMoves(session, statement, moves, [false]))
      outcomes.set(move.change, "applied");
  }
  const rest = changes.filter((change) => !outcomes.has(change));
  if (rest.length > 0) await commitRest(session, rest, outcomes);
}

/** Replays, lost claims, jobs that others wait for, and jobs that had finished: all that is not the plain way. */
async function commitRest(session: Session, changes: readonly Change[], outcomes: Outcomes): Promise<void> {
  const found = await look(session, changes);
  const places = new Map<Change, Place>();
  changes.forEach((change, index) => {
    const what = found[index] ?? "gone";
    if (what === "from-job" || what === "from-job-done") places.set(change, what);
    else outcomes.set(change, what);
  });
  if (places.size === 0) return;
  const applied = await session.transaction((tx) =>
    (tx.putsOff ? commitMovesWithin : commitMoves)(tx, places),
  );
  for (const change of applied) outcomes.set(change, "applied");
}

/** The changes and what they mean for those who wait, in one transaction. Those that were applied. */
async function commitMoves(tx: Runner, asked: ReadonlyMap<Change, Place>): Promise<Change[]> {
  const ends = [...asked.keys()].filter(({ state }) => isFinal(state)).map(({ id }) => id);
  const free = await withFreeGates(tx, ends);
  const places = new Map([...asked].filter(([{ id, state }]) => !isFinal(state) || free.has(id)));
  const limited = await lockLimited(tx, places);
  const plain = [...places.keys()].filter((change) => limited.get(change)?.enters !== true).map(moveOf);
  const applied = await applyAll(tx, plain, places);
  // Those that need a permit come second: what the others free may be theirs.
  applied.push(...(await applyAll(tx, await enterLimited(tx, limited), places)));
  refuseUnread(applied, limited);
  await settleEndings(
    tx,
    applied.flatMap(({ move, flags }) => endingOf(move, flags)),
    SETTLED_IN_ONE_WRITE,
  );
  const keys = applied.flatMap(({ move }) => limited.get(move.change)?.limit.key ?? []);
  await freePermits(tx, keys, SETTLED_IN_ONE_WRITE + applied.length);
  return applied.map(({ move }) => move.change);
}

/**
 * In a caller's transaction: the changes alone. Neither gates nor keys are locked, so a job that needs a permit waits for
 * one, and all that follows is written down.
 */
async function commitMovesWithin(tx: Runner, places: ReadonlyMap<Change, Place>): Promise<Change[]> {
  const limited = await lockLimited(tx, places);
  const moves = [...places.keys()].map((change) => ({
    ...moveOf(change),
    ...(limited.get(change)?.enters === true ? WAITING : {}),
  }));
  const applied = await applyAll(tx, moves, places);
  refuseUnread(applied, limited);
  const freed: PutOff[] = [];
  for (const { move } of applied) {
    const found = limited.get(move.change);
    // Of a job that is no longer on its way only the key matters: somebody has to look who is next.
    const whenFull = found?.enters === true ? found.limit.whenFull : "wait";
    if (found !== undefined) freed.push({ id: move.change.id, limit: { ...found.limit, whenFull } });
  }
  await putOff(tx, freed);
  await putOffEndings(
    tx,
    applied.flatMap(({ move, flags }) => endingOf(move, flags)),
  );
  return applied.map(({ move }) => move.change);
}

/** Where the limit of a job was not to be read, for a neighbour had the row, it is not to be forgotten either. */
function refuseUnread(applied: readonly Applied[], limited: ReadonlyMap<Change, Limited>): void {
  if (applied.some(({ move, flags }) => (flags & FLAG.limited) !== 0 && !limited.has(move.change))) {
    throw new RaceError();
  }
}

async function applyAll(
  tx: Runner,
  moves: readonly Move[],
  places: ReadonlyMap<Change, Place>,
): Promise<Applied[]> {
  const some = (place: Place, done: boolean) =>
    moves.filter((move) => places.get(move.change) === place && isDoneCode(move.state) === done);
  return [
    ...(await applyMoves(tx, FINISH, some("from-job", true), [true])),
    ...(await applyMoves(tx, STAY, some("from-job", false), [true])),
    ...(await applyMoves(tx, REWRITE, some("from-job-done", true))),
    ...(await applyMoves(tx, REOPEN, some("from-job-done", false))),
  ];
}

function isDoneCode(state: number): boolean {
  return state >= STATE.Succeeded;
}

function endingOf({ change, state }: Move, flags: number): Ending[] {
  const isEnding = state === STATE.Succeeded || state === STATE.Deleted;
  return isEnding && (flags & FLAG.parent) !== 0 ? [{ id: change.id, outcome: state }] : [];
}

async function look(runner: Runner, changes: readonly Change[]): Promise<Found[]> {
  const rows = await runner.run<Look>(LOOK, [
    textArray(changes.map(({ id }) => id)),
    plainArray(changes.map(({ fence }) => fence)),
    plainArray(changes.map(({ state }) => STATE[state])),
    textArray(changes.map(({ entry }) => entry)),
    TAIL.skipped,
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
  if ((flags & FLAG.limited) !== 0 || (isFinal(change.state) && (flags & FLAG.parent) !== 0))
    return "from-job";
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
