import type { CronExpression } from "./cron-expression.ts";

/**
 * What becomes of slots that nobody fired in time, because no server ran or none could reach the storage.
 *
 * - `relaxed`: one job for all of them, for the last one.
 * - `strict`: one job for each.
 * - `ignorable`: none, unless the last one is hardly late.
 */
export type Misfire = "relaxed" | "strict" | "ignorable";

export interface Timetable {
  readonly cron: CronExpression;
  readonly timeZone: string;
  readonly misfire: Misfire;
}

/** What is to be fired now, and when to look again. */
export interface SlotPlan {
  readonly slots: readonly number[];
  /** Null: the expression matches never again. */
  readonly nextAt: number | null;
}

/** `ignorable` fires what is late by no more than this: as long as a server that takes over may need, and some. */
export const HARDLY_LATE_MS = 10_000;

/**
 * The slots from `from` on that have come by `now`, as the misfire rule wants them; at most `most` of them. `from` is
 * looked up once more: what was a slot when it was stored may be none by the time-zone rules of this machine.
 */
export function planSlots(table: Timetable, from: number, now: number, most: number): SlotPlan {
  const { cron, timeZone, misfire } = table;
  const first = cron.nextAt(from, timeZone, true);
  if (first === null || first > now) return { slots: [], nextAt: first };
  if (misfire === "strict") return eachSlot(table, first, now, most);
  const last = lastSlot(table, first, now);
  const isFired = misfire === "relaxed" || now - last <= HARDLY_LATE_MS;
  return { slots: isFired ? [last] : [], nextAt: cron.nextAt(now, timeZone) };
}

function eachSlot({ cron, timeZone }: Timetable, first: number, now: number, most: number): SlotPlan {
  const slots: number[] = [];
  let next: number | null = first;
  while (next !== null && next <= now && slots.length < most) {
    slots.push(next);
    next = cron.nextAt(next, timeZone);
  }
  return { slots, nextAt: next };
}

/** By bisection: of a schedule that fires every second, a week of slots may have gone by. */
function lastSlot({ cron, timeZone }: Timetable, first: number, now: number): number {
  let last = first;
  let beyond = now + 1;
  while (beyond - last > 1) {
    const middle = last + Math.ceil((beyond - last) / 2);
    const slot = middle > now ? null : cron.nextAt(middle, timeZone, true);
    if (slot === null || slot > now) beyond = middle;
    else last = slot;
  }
  return last;
}
