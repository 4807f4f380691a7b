import type { DocumentOutcome, DocumentQuery, DocumentRecord, DocumentSave } from "../../storage/index.ts";
import { plainArray, textArray } from "./arrays.ts";
import { ADD, CHANGE, FIND, listing, REMOVE, TRIM } from "./document-statements.ts";
import { fromStored, toStored } from "./opaque.ts";
import type { Runner, Session, Statement } from "./statements.ts";

export async function saveDocuments(
  session: Session,
  saves: readonly DocumentSave[],
): Promise<DocumentOutcome[]> {
  if (saves.length === 0) return [];
  const accepted = await session.attempt("store documents", () =>
    session.transaction((tx) => saveAll(tx, saves)),
  );
  return saves.map((save) => (accepted.has(save) ? "applied" : "stale"));
}

async function saveAll(tx: Runner, saves: readonly DocumentSave[]): Promise<ReadonlySet<DocumentSave>> {
  const accepted = new Set<DocumentSave>();
  for (const round of rounds(saves)) for (const save of await accept(tx, round)) accepted.add(save);
  return accepted;
}

/** Of two saves of one id the second is judged after the first: in one round each stands once. */
function rounds(saves: readonly DocumentSave[]): DocumentSave[][] {
  const all: DocumentSave[][] = [];
  const seen = new Map<string, number>();
  for (const save of saves) {
    const nth = seen.get(keyOf(save)) ?? 0;
    seen.set(keyOf(save), nth + 1);
    const round = all[nth];
    if (round === undefined) all.push([save]);
    else round.push(save);
  }
  return all;
}

/** A kind holds no space. */
function keyOf({ kind, id }: Pick<DocumentSave, "kind" | "id">): string {
  return `${kind} ${id}`;
}

/** Those whose guard holds. */
async function accept(tx: Runner, saves: readonly DocumentSave[]): Promise<DocumentSave[]> {
  const sorted = [...saves].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const pick = (isNew: boolean, stays: boolean) =>
    sorted.filter(({ version, text }) => (version === 0) === isNew && (text !== null) === stays);
  const absent = pick(true, false);
  const found = new Set((await find(tx, absent)).map(keyOf));
  return [
    ...(await write(tx, CHANGE, pick(false, true))),
    ...(await write(tx, REMOVE, pick(false, false))),
    ...(await write(tx, ADD, pick(true, true))),
    ...absent.filter((save) => !found.has(keyOf(save))),
  ];
}

async function write(
  tx: Runner,
  statement: Statement,
  saves: readonly DocumentSave[],
): Promise<DocumentSave[]> {
  if (saves.length === 0) return [];
  const texts = textArray(saves.map(({ text }) => toStored(text ?? "")));
  const versions = plainArray(saves.map(({ version }) => version));
  const more = statement === REMOVE ? [versions] : statement === ADD ? [texts] : [versions, texts];
  const rows = await tx.run<[kind: string, id: string]>(statement, [...keys(saves), ...more]);
  const written = new Set(rows.map(([kind, id]) => keyOf({ kind, id })));
  return saves.filter((save) => written.has(keyOf(save)));
}

function keys(of: readonly Pick<DocumentSave, "kind" | "id">[]): string[] {
  return [textArray(of.map(({ kind }) => kind)), textArray(of.map(({ id }) => id))];
}

type Row = [kind: string, id: string, version: number, at: number, text: string];

async function find(
  runner: Runner,
  of: readonly Pick<DocumentSave, "kind" | "id">[],
): Promise<DocumentRecord[]> {
  return of.length === 0 ? [] : (await runner.run<Row>(FIND, keys(of))).map(toRecord);
}

export async function getDocument(
  session: Session,
  kind: string,
  id: string,
): Promise<DocumentRecord | null> {
  const [record] = await session.attempt("read a document", () => find(session, [{ kind, id }]));
  return record ?? null;
}

export async function listDocuments(
  session: Session,
  { kind, limit, after, descending = false }: DocumentQuery,
): Promise<DocumentRecord[]> {
  const statement = listing(descending, after === undefined);
  const values = after === undefined ? [kind, limit] : [kind, limit, after];
  const rows = await session.attempt("list documents", () => session.run<Row>(statement, values));
  return rows.map(toRecord);
}

export async function trimDocuments(
  session: Session,
  kind: string,
  keep: number,
  limit: number,
): Promise<number> {
  const rows = await session.attempt("remove documents", () => session.run(TRIM, [kind, keep, limit]));
  return rows.length;
}

function toRecord([kind, id, version, at, text]: Row): DocumentRecord {
  return { kind, id, version, at, text: fromStored(text) };
}
