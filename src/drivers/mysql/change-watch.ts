import type { Connection } from "./connection.ts";

/** The server cannot call us. We ask: often after there was something, ever more seldom while there is nothing. */
const SOONEST_MS = 25;
/** So long after there was something we go on asking as often: what comes in now and then is no silence. */
const STEADY_MS = 500;
const LATEST_MS = 1_000;
/** Ticks may be committed in another order than they were drawn in: so many back are looked at again. */
const LATE_TICKS = 200;

const LATEST = `SELECT tick, origin FROM firelater_change FORCE INDEX (PRIMARY) WHERE tick > ?
  ORDER BY tick DESC LIMIT ${2 * LATE_TICKS}`;

/** Tells when another storage object, in this or another process, has written. */
export class ChangeWatch {
  readonly #connection: Connection;
  readonly #origin: number;
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #watching = false;
  #waitMs = SOONEST_MS;
  #newsAt = 0;
  #isFirst = true;
  #seen: ReadonlySet<number> = new Set();
  #from = 0;
  #asking: Promise<void> | undefined;

  constructor(connection: Connection, origin: number, changed: () => void) {
    this.#connection = connection;
    this.#origin = origin;
    this.#changed = changed;
  }

  start(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#isFirst = true;
    this.#hearsNews();
    this.#look();
  }

  /** Something happened here: others will soon have an answer to it. */
  hurry(): void {
    const wasSoon = this.#waitMs === SOONEST_MS;
    this.#hearsNews();
    if (wasSoon || !this.#watching || this.#asking !== undefined) return;
    clearTimeout(this.#timer);
    this.#sleep();
  }

  #hearsNews(): void {
    this.#waitMs = SOONEST_MS;
    this.#newsAt = performance.now();
  }

  async stop(): Promise<void> {
    this.#watching = false;
    clearTimeout(this.#timer);
    await this.#asking;
  }

  #sleep(): void {
    // Jitter keeps many processes from asking in step. Watching is no reason for a process to stay alive.
    const wait = this.#waitMs * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#look(), wait).unref();
  }

  #look(): void {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      if (this.#watching) this.#sleep();
    });
  }

  async #ask(): Promise<void> {
    const isSteady = performance.now() - this.#newsAt < STEADY_MS;
    if (!isSteady) this.#waitMs = Math.min(LATEST_MS, this.#waitMs * 2);
    const ticks = await this.#read();
    if (ticks === undefined || !this.#watching) return;
    const isNews = ticks.some((tick) => !this.#seen.has(tick));
    this.#seen = new Set(ticks);
    if (!isNews && !this.#isFirst) return;
    // What was written between the subscription and the first answer cannot be told from what was there before.
    this.#isFirst = false;
    this.#hearsNews();
    this.#changed();
  }

  /** Others' writes of late. Nobody waits for it, so an error is left to the verbs, which meet it too. */
  async #read(): Promise<number[] | undefined> {
    try {
      const rows = await this.#connection.use((sql) => sql.all(LATEST, this.#from));
      this.#from = Math.max(this.#from, Number(rows[0]?.[0] ?? 0) - LATE_TICKS);
      return rows.filter(([, origin]) => Number(origin) !== this.#origin).map(([tick]) => Number(tick));
    } catch {
      return undefined;
    }
  }
}
