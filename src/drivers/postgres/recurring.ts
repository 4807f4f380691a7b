import type {
  DueRecurring,
  NewJob,
  RecurringOutcome,
  RecurringQuery,
  RecurringRecord,
  RecurringSave,
} from "../../storage/index.ts";
import { plainArray, textArray } from "./arrays.ts";
import { insertPlain, isDecided } from "./insert.ts";
import { insertDecided } from "./insert-decided.ts";
import { fromStored, toStored } from "./opaque.ts";
import { lockKeys } from "./permits.ts";
import { ADD, CHANGE, DUE, FIND, LIST, NEXT, REMOVE } from "./recurring-statements.ts";
import type { Runner, Session, Statement } from "./statements.ts";

/** The guard and the jobs stand in one transaction: whoever comes second finds another version and stores nothing. */
export function saveRecurring(
  session: Session,
  saves: readonly RecurringSave[],
): Promise<RecurringOutcome[]> {
  if (saves.length === 0) return Promise.resolve([]);
  return session.attempt("store recurring jobs", () => session.transaction((tx) => saveAll(tx, saves)));
}

async function saveAll(tx: Runner, saves: readonly RecurringSave[]): Promise<RecurringOutcome[]> {
  // Before any row is locked, as all do that wait for keys.
  const limits = saves.flatMap(({ jobs = [] }) => jobs.flatMap(({ limit }) => limit ?? []));
  await lockKeys(
    tx,
    limits.map(({ key }) => toStored(key)),
  );
  const accepted = new Set<RecurringSave>();
  for (const round of rounds(saves)) for (const save of await accept(tx, round)) accepted.add(save);
  const jobs = saves.flatMap((save) => (accepted.has(save) ? (save.jobs ?? []) : []));
  await insertAll(tx, jobs);
  for (const { state } of accepted) if (state?.nextAt != null) tx.news.at("recurring", state.nextAt);
  return saves.map((save) => (accepted.has(save) ? "applied" : "stale"));
}

async function insertAll(tx: Runner, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return;
  if (jobs.some(isDecided)) await insertDecided(tx, jobs);
  else await insertPlain(tx, jobs);
}

/** Those whose guard holds. In one round each id stands once. */
async function accept(tx: Runner, saves: readonly RecurringSave[]): Promise<RecurringSave[]> {
  const byId = [...saves].sort((a, b) => (a.id < b.id ? -1 : 1));
  const pick = (isNew: boolean, stays: boolean) =>
    byId.filter(({ version, state }) => (version === 0) === isNew && (state !== null) === stays);
  const absent = pick(true, false);
  const found = new Set(
    (
      await find(
        tx,
        absent.map(({ id }) => id),
      )
    ).map(([id]) => id),
  );
  return [
    ...(await write(tx, CHANGE, pick(false, true))),
    ...(await write(tx, REMOVE, pick(false, false))),
    ...(await write(tx, ADD, pick(true, true))),
    ...absent.filter(({ id }) => !found.has(id)),
  ];
}

async function write(
  tx: Runner,
  statement: Statement,
  saves: readonly RecurringSave[],
): Promise<RecurringSave[]> {
  if (saves.length === 0) return [];
  const ids = textArray(saves.map(({ id }) => id));
  const versions = plainArray(saves.map(({ version }) => version));
  const states = [
    plainArray(saves.map(({ state }) => state?.nextAt ?? null)),
    textArray(saves.map(({ state }) => toStored(state?.definition ?? ""))),
    textArray(saves.map(({ state }) => toStored(state?.status ?? ""))),
  ];
  const values =
    statement === REMOVE
      ? [ids, versions]
      : statement === ADD
        ? [ids, ...states]
        : [ids, versions, ...states];
  const written = new Set((await tx.run<[id: string]>(statement, values)).map(([id]) => id));
  return saves.filter(({ id }) => written.has(id));
}

/** Of two saves of one id the second is judged after the first. */
function rounds(saves: readonly RecurringSave[]): RecurringSave[][] {
  const rounds: RecurringSave[][] = [];
  const seen = new Map<string, number>();
  for (const save of saves) {
    const nth = seen.get(save.id) ?? 0;
    seen.set(save.id, nth + 1);
    const round = rounds[nth];
    if (round === undefined) rounds.push([save]);
    else round.push(save);
  }
  return rounds;
}

type Row = [
  id: string,
  version: number,
  nextAt: number | null,
  createdAt: number,
  definition: string,
  status: string,
];

export function dueRecurring(session: Session, limit: number): Promise<DueRecurring> {
  return session.attempt("look for due recurring jobs", async () => {
    const [next] = await session.run<[nextAt: number | null, now: number]>(NEXT, []);
    const [nextAt, now] = next ?? [null, 0];
    if (nextAt === null || nextAt > now) return { due: [], nextAt, now };
    return { due: (await session.run<Row>(DUE, [now, limit])).map(toRecord), nextAt, now };
  });
}

export async function getRecurring(session: Session, ids: readonly string[]): Promise<RecurringRecord[]> {
  const rows = await session.attempt("read recurring jobs", () => find(session, ids));
  const found = new Map(rows.map((row) => [row[0], toRecord(row)]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

function find(runner: Runner, ids: readonly string[]): Promise<Row[]> {
  return ids.length === 0 ? Promise.resolve([]) : runner.run<Row>(FIND, [textArray([...new Set(ids)])]);
}

export async function listRecurring(
  session: Session,
  { after = "", limit }: RecurringQuery,
): Promise<RecurringRecord[]> {
  const rows = await session.attempt("list recurring jobs", () => session.run<Row>(LIST, [after, limit]));
  return rows.map(toRecord);
}

function toRecord([id, version, nextAt, createdAt, definition, status]: Row): RecurringRecord {
  return { id, version, nextAt, createdAt, definition: fromStored(definition), status: fromStored(status) };
}
