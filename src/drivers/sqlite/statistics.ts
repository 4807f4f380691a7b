import type { StatisticsHour, StatisticsRange } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { RETRIED } from "./counters.ts";
import type { Statements } from "./statements.ts";

type Counts = { -readonly [Kind in keyof StatisticsHour]: number };

const KINDS: ReadonlyMap<unknown, Exclude<keyof Counts, "at">> = new Map([
  [String(STATE.Succeeded), "succeeded"],
  [String(STATE.Failed), "failed"],
  [String(STATE.Deleted), "deleted"],
  [RETRIED, "retried"],
]);

/** Hours that are over stand in their table, the one that each counter is in stands in the counter. */
export function statistics(sql: Statements, { from, to }: StatisticsRange): StatisticsHour[] {
  const over = sql.all("SELECT at, name, count FROM firelater_statistic WHERE at >= ? AND at < ?", from, to);
  const open = sql.all(
    "SELECT hour, name, entered FROM firelater_counter WHERE entered > 0 AND hour >= ? AND hour < ?",
    from,
    to,
  );
  const hours = new Map<number, Counts>();
  for (const [start, name, count] of [...over, ...open]) {
    const at = Number(start);
    const hour = hours.get(at) ?? { at, succeeded: 0, failed: 0, deleted: 0, retried: 0 };
    hours.set(at, hour);
    const kind = KINDS.get(name);
    if (kind !== undefined) hour[kind] += Number(count);
  }
  return [...hours.values()].sort((a, b) => a.at - b.at);
}
