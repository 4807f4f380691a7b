import { type ClaimRequest, FLAG } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { bytes } from "./id.ts";
import type { Mark, Place } from "./mark.ts";
import { NOT_PAUSED } from "./queues.ts";
import { COLUMNS } from "./row.ts";
import { chunks, type Row, type Statements } from "./statements.ts";

const READY = `state = ${STATE.Enqueued} AND hold = ${HOLD.none} AND queue = ?`;
const IN_ORDER = `FROM firelater_job FORCE INDEX (enqueued) WHERE ${READY}`;
const FIRST = `SELECT job_rank, seq ${IN_ORDER} ORDER BY job_rank, seq LIMIT 1`;
const LOOK = `SELECT 1 ${IN_ORDER} AND ${NOT_PAUSED} LIMIT 1`;
/** Walks the ready jobs of a queue behind a place and takes the locks of rows as it comes to them. */
const ABOVE = `SELECT ${COLUMNS} ${IN_ORDER} AND (job_rank = ? AND seq > ? OR job_rank > ?) ORDER BY job_rank, seq LIMIT ?
  FOR UPDATE SKIP LOCKED`;
const BELOW = `SELECT id ${IN_ORDER} AND (job_rank < ? OR job_rank = ? AND seq <= ?) ORDER BY job_rank, seq LIMIT ?`;
const THESE = `SELECT ${COLUMNS} FROM firelater_job FORCE INDEX (PRIMARY) WHERE ${READY} AND id IN (?) FOR UPDATE SKIP LOCKED`;
// Places among COLUMNS.
const RANK = 2;
const SEQ = 3;
const CRASHES = 14;
const FLAGS = 17;

/** Recovered jobs and those that hold a permit must not lie in a buffer. */
const FOR_SLOTS_ONLY = FLAG.recovered | FLAG.limited;
/** The look for the buffer ends behind so many of them: its price must not grow with what is ready. */
const MOST_PASSED_OVER = 100;

/** A job that is about to be claimed. */
export interface Found {
  readonly row: Row;
  readonly blamed: boolean;
}

/** A look without locks: an idle server polls for the price of an index seek. */
export async function hasReady(sql: Statements, queues: readonly string[]): Promise<boolean> {
  for (const queue of queues) if ((await sql.first(LOOK, queue, queue)) !== undefined) return true;
  return false;
}

/** What a claim has locked so far, in the order in which it is to be taken. */
export class Finding {
  readonly jobs: Found[] = [];
  readonly #sql: Statements;
  readonly #request: ClaimRequest;

  constructor(sql: Statements, request: ClaimRequest) {
    this.#sql = sql;
    this.#request = request;
  }

  get isFull(): boolean {
    return this.jobs.length >= this.#request.slots + this.#request.buffer;
  }

  async findIn(queue: string, mark: Mark): Promise<void> {
    const place = mark.place ?? (await this.#firstPlace(queue));
    if (place === undefined) return;
    mark.raise(place);
    const isLookDue = mark.isLookDue();
    if (isLookDue) await this.#addBelow(queue, mark, place);
    if (this.isFull) return;
    const { rank, seq } = place;
    await this.#add(mark, (limit) => this.#sql.all(ABOVE, queue, rank, seq, rank, limit));
    if (!this.isFull && !isLookDue) await this.#addBelow(queue, mark, place);
  }

  /** Just before the first ready job: the first claim need not lock its way through what others have left. */
  async #firstPlace(queue: string): Promise<Place | undefined> {
    const first = await this.#sql.first(FIRST, queue);
    return first === undefined ? undefined : { rank: Number(first[0]), seq: Number(first[1]) - 1 };
  }

  async #addBelow(queue: string, mark: Mark, place: Place): Promise<void> {
    mark.looks();
    await this.#add(mark, (limit) => this.#below(queue, mark, place, limit));
  }

  /** Found without locks, and then locked by their ids. */
  async #below(queue: string, mark: Mark, { rank, seq }: Place, limit: number): Promise<Row[]> {
    const ids = (await this.#sql.all(BELOW, queue, rank, rank, seq, limit)).map(([id]) => bytes(id));
    if (ids.length === limit) mark.suspect();
    const rows: Row[] = [];
    for (const some of chunks(ids)) rows.push(...(await this.#sql.all(THESE, queue, some)));
    return rows.sort(byPlace);
  }

  async #add(mark: Mark, find: (limit: number) => Promise<Row[]>): Promise<void> {
    const slots = this.#request.slots - this.jobs.length;
    const wanted = slots + this.#request.buffer;
    let rows = await find(wanted);
    let picked = pick(rows, slots, wanted);
    // Jobs that are left for a slot must not use up what was asked for: then one longer look is taken.
    if (picked.length < wanted && rows.length === wanted) {
      rows = await find(wanted + MOST_PASSED_OVER);
      picked = pick(rows, slots, wanted);
    }
    this.jobs.push(...picked);
    // They will stand below the mark.
    if (picked.length < rows.length) mark.suspect();
  }
}

function byPlace(a: Row, b: Row): number {
  return Number(a[RANK]) - Number(b[RANK]) || Number(a[SEQ]) - Number(b[SEQ]);
}

function pick(rows: readonly Row[], slots: number, wanted: number): Found[] {
  const picked: Found[] = [];
  for (const row of rows) {
    if (picked.length === wanted) break;
    const forSlot = picked.length < slots;
    // Such a job stays where it stands: the next claim meets it first, and starts it at once.
    if (!forSlot && Number(row[FLAGS]) & FOR_SLOTS_ONLY) continue;
    picked.push({ row, blamed: forSlot && mayBlame(row) });
  }
  return picked;
}

/** A job that crashed twice is blamed only once it runs alone. */
export function mayBlame(row: Row): boolean {
  return Number(row[CRASHES]) < 2;
}
