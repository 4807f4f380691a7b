/** Cron: what finding the next time costs, step by step through ten years, and what the first question costs. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CronExpression } from "firelater";
import type { Benchmark, Contender, Figures, Group } from "./harness/benchmark.ts";
import { inOwnProcess } from "./harness/own-process.ts";

const EXPRESSIONS = ["* * * * * *", "*/5 * * * *", "0 9 * * MON-FRI", "0 0 29 2 *", "0 0 31 2 *"] as const;
const ZONES = ["UTC", "Europe/Paris"] as const;
const START = Date.UTC(2026, 0);
const END = Date.UTC(2036, 0);
const CALLS = 200_000;
/** Few enough that the garbage collector does not run among them. */
const CALLS_FOR_BYTES = 20_000;

export interface CronSample {
  readonly text: string;
  readonly timeZone: string;
}

type Step = (after: number) => number | null;

export const cron: Benchmark = {
  name: "cron",
  about: "the next time of an expression, through ten years: with Dates (next) and without (nextAt)",
  groups: () => EXPRESSIONS.map(group),
};

export async function sample({ text, timeZone }: CronSample): Promise<Figures> {
  const from = performance.now();
  const expression = CronExpression.parse(text);
  const parsed = performance.now();
  expression.nextAt(START, timeZone);
  const first = performance.now();
  const nextAt: Step = (after) => expression.nextAt(after, timeZone);
  const next: Step = (after) => expression.next(new Date(after), { timeZone })?.getTime() ?? null;
  return {
    "next µs": microseconds(next),
    "nextAt µs": microseconds(nextAt),
    "next bytes": bytes(next),
    "nextAt bytes": bytes(nextAt),
    "first parse µs": (parsed - from) * 1_000,
    "first nextAt µs": (first - parsed) * 1_000,
  };
}

function microseconds(step: Step): number {
  walk(step, CALLS);
  const from = performance.now();
  walk(step, CALLS);
  return ((performance.now() - from) * 1_000) / CALLS;
}

function bytes(step: Step): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  const before = process.memoryUsage().heapUsed;
  walk(step, CALLS_FOR_BYTES);
  return (process.memoryUsage().heapUsed - before) / CALLS_FOR_BYTES;
}

/** From one time to the next; at the end of the ten years, or where nothing comes, from the start again. */
function walk(step: Step, calls: number): void {
  let at = START;
  for (let call = 0; call < calls; call++) {
    const next = step(at);
    at = next === null || next > END ? START : next;
  }
}

function group(text: string): Group {
  return {
    name: text,
    contenders: ZONES.map((timeZone) => contender(text, timeZone)),
    bars: ZONES.map((timeZone) => ({ figure: "next µs", of: timeZone, atMost: 5 })),
  };
}

function contender(text: string, timeZone: string): Contender {
  return { name: timeZone, take: () => inOwnProcess<Figures>(import.meta.filename, { text, timeZone }) };
}
