/** One sample of any contender: every framework goes through the same code, in a process and a place of its own. */
import { setTimeout as delay } from "node:timers/promises";
import type { Figures } from "../harness/benchmark.ts";
import { Meter } from "../harness/meter.ts";
import { latencyFigures, now, SPACING } from "../harness/pick-up.ts";
import { Rhythm } from "../harness/rhythm.ts";
import type { Contender, Open, Place } from "./contender.ts";
import type { Load, PeerSample } from "./load.ts";
import { openPlace } from "./place.ts";

const CALLERS = 50;
/** Of calls one by one: enough for any figure, and a slow server does not hold up the whole round. */
const LONGEST_STORE_MS = 15_000;
/** How long the last jobs are waited for. */
const LAST_MS = 60_000;

export async function sample(params: PeerSample): Promise<Figures> {
  const { open }: { open: Open } = await import(new URL(params.module, import.meta.url).href);
  await using place = await openPlace(params);
  const opened = () => open(place, params.variant);
  // The first one makes the tables; what counts begins with tables that are there.
  await within(opened, async () => {});
  if (params.what === "drain") return await drain(place, opened, params);
  if (params.what === "idle" || params.what === "steady") return await pickUp(opened, params);
  return await store(place, opened, params);
}

async function drain(place: Place, opened: () => Promise<Contender>, load: Load): Promise<Figures> {
  const { jobs, warmUp, slots } = load;
  const total = warmUp + jobs;
  await within(opened, (one) => one.addMany(total));
  const figures = await metered(place, opened, warmUp, async (one, meter) => {
    let begun = 0;
    const last = Promise.withResolvers<void>();
    await one.work(slots, () => {
      if (++begun === warmUp + 1) meter.start();
      if (begun === total) last.resolve();
    });
    await last.promise;
    while ((await one.left()) > 0) await delay(1);
    return jobs;
  });
  await within(opened, (one) => one.requireDone(total));
  return figures;
}

async function store(place: Place, opened: () => Promise<Contender>, load: Load): Promise<Figures> {
  const { what, jobs, warmUp } = load;
  let before = 0;
  let stored = 0;
  const figures = await metered(place, opened, warmUp, async (one, meter) => {
    before = await storeBy(what, one, warmUp);
    meter.start();
    stored = await storeBy(what, one, jobs);
    return stored;
  });
  await within(opened, async (one) => {
    const left = await one.left();
    if (left !== before + stored) throw new Error(`${left} jobs are stored, not ${before + stored}`);
  });
  return figures;
}

/**
 * How many it has stored: fewer than asked for where that would take too long. The callers are independent of each
 * other: each sends its next call when its last one has been answered.
 */
async function storeBy(what: Load["what"], one: Contender, count: number): Promise<number> {
  if (what === "bulk") {
    await one.addMany(count);
    return count;
  }
  const until = performance.now() + LONGEST_STORE_MS;
  let sent = 0;
  const caller = async () => {
    for (; sent < count && performance.now() < until; await one.add()) sent++;
  };
  await Promise.all(Array.from({ length: what === "serial" ? 1 : CALLERS }, caller));
  return sent;
}

/** `work` tells the number of jobs that count. The server's figures are of all jobs: its counters lag behind. */
async function metered(
  place: Place,
  opened: () => Promise<Contender>,
  warmUp: number,
  work: (one: Contender, meter: Meter) => Promise<number>,
): Promise<Figures> {
  const meter = new Meter();
  const before = await place.read();
  let jobs = 0;
  let figures: Figures = {};
  let open: Figures = {};
  await within(opened, async (one) => {
    jobs = await work(one, meter);
    figures = meter.stop(jobs);
    open = await place.readOpen();
  });
  const after = { ...(await place.read()), ...open };
  const perJob = Object.entries(after).map(([name, value]) => [
    name,
    (value - (before[name] ?? 0)) / (warmUp + jobs),
  ]);
  const peak = process.resourceUsage().maxRSS / 1e3;
  return { ...figures, ...Object.fromEntries(perJob), "RSS peak MB": peak, jobs };
}

async function pickUp(opened: () => Promise<Contender>, load: Load): Promise<Figures> {
  const { jobs, warmUp, slots, what } = load;
  const times: number[] = [];
  await within(opened, async (one) => {
    const arrivals = new Arrivals();
    await one.work(slots, (sentAt) => {
      times.push(now() - (sentAt ?? Number.NaN));
      arrivals.tell(times.length);
    });
    if (what === "steady") atSteadyRate(warmUp + jobs, () => one.add(now()));
    else await oneByOne(warmUp + jobs, one, arrivals);
    await arrivals.until(warmUp + jobs);
  });
  return { ...latencyFigures(times.slice(warmUp)), jobs };
}

/** Uneven gaps: even ones would meet a poll of the same rhythm always at the same moment of it. */
async function oneByOne(count: number, one: Contender, arrivals: Arrivals): Promise<void> {
  for (let i = 1; i <= count; i++) {
    await delay(SPACING.idleMs * (1 + 4 * Math.random()));
    await one.add(now());
    await arrivals.until(i);
  }
}

function atSteadyRate(count: number, send: () => Promise<unknown>): void {
  let sent = 0;
  const rhythm = new Rhythm(SPACING.steadyPerSecond, () => {
    if (sent < count) void send();
    if (++sent >= count) rhythm.stop();
  });
}

/** Waits for the n-th run without a poll of its own. */
class Arrivals {
  #came = 0;
  #wanted = 0;
  #reached: () => void = () => {};

  tell(came: number): void {
    this.#came = came;
    if (came >= this.#wanted) this.#reached();
  }

  async until(wanted: number): Promise<void> {
    if (this.#came >= wanted) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#wanted = wanted;
    this.#reached = resolve;
    const late = setTimeout(() => reject(new Error(`${this.#came} of ${wanted} jobs ran`)), LAST_MS);
    try {
      await promise;
    } finally {
      clearTimeout(late);
    }
  }
}

async function within<R>(opened: () => Promise<Contender>, body: (one: Contender) => Promise<R>): Promise<R> {
  await using one = await opened();
  return await body(one);
}
