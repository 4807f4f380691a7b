import { isAtRest, type JobState, STATISTICS_MS } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import type { Statements } from "./statements.ts";

const HOUR_MS = 3_600_000;
/** Failed runs that another state replaced are counted beside the states. */
export const RETRIED = "retried";

const NAMES: Readonly<Record<JobState, string>> = {
  Enqueued: String(STATE.Enqueued),
  Scheduled: String(STATE.Scheduled),
  Awaiting: String(STATE.Awaiting),
  Processing: String(STATE.Processing),
  Succeeded: String(STATE.Succeeded),
  Failed: String(STATE.Failed),
  Deleted: String(STATE.Deleted),
};

const ADD = "UPDATE firelater_counter SET value = value + ? WHERE name = ?";
// Both in the row that a write of such a job changes anyway: a table of hours alone would be one more page to write.
const ADD_ENTERED = `UPDATE firelater_counter SET value = value + ?, entered = entered + ?
  WHERE name = ? AND hour = ?`;

/** What is to be added to one counter. */
interface Sum {
  moved: number;
  entered: number;
}

/** What a transaction adds to the counters: how many jobs are in a state, and how many have entered it this hour. */
export class Counters {
  readonly #hour: number;
  readonly #sums = new Map<string, Sum>();
  /** Of units that began in another hour. */
  readonly #others: Counters[] = [];

  constructor(now: number) {
    this.#hour = now - (now % HOUR_MS);
  }

  /** Jobs that went from one state to another; null is not being there. */
  moved(from: JobState | null, to: JobState | null, count: number): void {
    if (from !== null) this.#sum(NAMES[from]).moved -= count;
    if (to === null) return;
    const sum = this.#sum(NAMES[to]);
    sum.moved += count;
    if (isAtRest(to)) sum.entered += count;
  }

  retried(): void {
    this.#sum(RETRIED).entered++;
  }

  absorb(unit: Counters): void {
    const hour = this.#hour === unit.#hour ? this : this.#other(unit.#hour);
    for (const [name, { moved, entered }] of unit.#sums) {
      const sum = hour.#sum(name);
      sum.moved += moved;
      sum.entered += entered;
    }
  }

  /** Part of the write: counters that are committed with what they count cannot drift. */
  write(sql: Statements): void {
    for (const [name, sum] of this.#sums) writeOne(sql, name, sum, this.#hour);
    for (const other of this.#others) other.write(sql);
  }

  #sum(name: string): Sum {
    let sum = this.#sums.get(name);
    if (sum === undefined) {
      sum = { moved: 0, entered: 0 };
      this.#sums.set(name, sum);
    }
    return sum;
  }

  #other(hour: number): Counters {
    let other = this.#others.find((one) => one.#hour === hour);
    if (other === undefined) {
      other = new Counters(hour);
      this.#others.push(other);
    }
    return other;
  }
}

function writeOne(sql: Statements, name: string, { moved, entered }: Sum, hour: number): void {
  if (entered === 0) {
    if (moved !== 0) sql.run(ADD, moved, name);
    return;
  }
  if (sql.run(ADD_ENTERED, moved, entered, name, hour) === 1) return;
  turn(sql, name, hour);
  sql.run(ADD_ENTERED, moved, entered, name, hour);
}

/** The counter's hour is over: it goes to the table of hours, and those that are too old leave it. */
function turn(sql: Statements, name: string, hour: number): void {
  sql.run(
    `INSERT INTO firelater_statistic (at, name, count)
     SELECT hour, name, entered FROM firelater_counter WHERE name = ? AND entered > 0
     ON CONFLICT (at, name) DO UPDATE SET count = count + excluded.count`,
    name,
  );
  sql.run("UPDATE firelater_counter SET hour = ?, entered = 0 WHERE name = ?", hour, name);
  sql.run("DELETE FROM firelater_statistic WHERE at < ?", hour - STATISTICS_MS);
}
