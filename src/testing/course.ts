import { FirelaterError } from "../base/error.ts";
import { nextTurn } from "../base/turn.ts";
import { fireRecurring } from "./fire-recurring.ts";
import type { PerformedRun, RunEnd } from "./performed-run.ts";
import type { SoloServer } from "./solo-server.ts";
import type { TestStorage } from "./test-storage.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const BITE = 500;

/** What `drain` and `advance` have done: how many runs came to which end, and the runs themselves. */
export interface RunSummary extends Readonly<Record<RunEnd, number>> {
  /** Runs in all: those that jobs have made run inside them (inline, or by waiting for a result) included. */
  readonly performed: number;
  /** In the order in which they ended. */
  readonly runs: readonly PerformedRun[];
  /** What the runs have thrown, in their order: also of those whose job was tried again. */
  readonly errors: readonly unknown[];
}

/** Whether a run that throws is only written down, or thrown to whoever has made it run. */
export type FailureHandling = "record" | "throw";

/** There is always another job (`FL_ENDLESS_JOBS`). */
export class EndlessJobsError extends FirelaterError {
  constructor(what: string, why: string | undefined) {
    super({
      code: "FL_ENDLESS_JOBS",
      what,
      why,
      mend: "A job that enqueues itself never comes to an end: delay it. If all of them are meant, raise `maxRuns`.",
    });
  }
}

export interface CourseParts {
  readonly server: SoloServer;
  readonly storage: TestStorage;
  readonly clock: VirtualClock;
  readonly maxRuns: number;
  readonly failures: FailureHandling;
}

/** One call of `drain` or `advance`: runs jobs one after the other, and moves the clock from one due time to the next. */
export class Course {
  readonly #parts: CourseParts;
  /** Runs that had ended before this began. */
  readonly #before: number;

  constructor(parts: CourseParts) {
    this.#parts = parts;
    this.#before = parts.server.performed.length;
  }

  /** Runs what is ready now and what becomes ready by that, until nothing is. */
  async runReady(): Promise<void> {
    for (let more = true; more; ) {
      await this.#runAll();
      // Somebody may have enqueued without awaiting it: that is stored in the next turn of the event loop.
      await nextTurn();
      more = await this.#runAll();
    }
  }

  /** The same at every time at which something is due, up to this one. */
  async runUntil(time: number): Promise<void> {
    const { clock } = this.#parts;
    await this.runReady();
    for (
      let next = await this.#nextTime();
      next !== undefined && next <= time;
      next = await this.#nextTime()
    ) {
      clock.moveTo(next);
      await this.runReady();
    }
    clock.moveTo(time);
  }

  /** The same until no job is scheduled any more. Recurring jobs have their turn on the way, and never end it. */
  async runScheduled(): Promise<void> {
    const { storage } = this.#parts;
    await this.runReady();
    for (;;) {
      const { nextDueAt } = await storage.promote(1);
      if (nextDueAt === null) return;
      await this.runUntil(nextDueAt);
    }
  }

  summary(): RunSummary {
    const runs = this.#parts.server.performed.slice(this.#before);
    const ends = { succeeded: 0, failed: 0, deleted: 0, retried: 0, postponed: 0, lost: 0, parked: 0 };
    for (const { end } of runs) ends[end]++;
    const errors = runs.flatMap(({ error }) => (error === undefined ? [] : [error]));
    return { performed: runs.length, ...ends, runs, errors };
  }

  /** True if there was anything to run. */
  async #runAll(): Promise<boolean> {
    const { server, maxRuns, failures } = this.#parts;
    for (let runs = 0; ; runs++) {
      await this.#readyDue();
      const count = server.performed.length - this.#before;
      if (count >= maxRuns && (await server.hasReady())) throw this.#endless();
      const run = await server.runNext();
      if (run === undefined) return runs > 0;
      if (run.error !== undefined && failures === "throw") throw run.error;
    }
  }

  /** What a server's loops do beside the runs: promote, release, fire. */
  async #readyDue(): Promise<void> {
    const { storage, server } = this.#parts;
    while ((await storage.promote(BITE)).promoted === BITE);
    while ((await storage.release(BITE)).more);
    while (await fireRecurring(storage, server.slotFilters));
  }

  async #nextTime(): Promise<number | undefined> {
    const { storage } = this.#parts;
    const { nextDueAt } = await storage.promote(1);
    const { nextAt } = await storage.dueRecurring(1);
    const times = [nextDueAt, nextAt].filter((time) => time !== null);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #endless(): EndlessJobsError {
    const counts = new Map<string, number>();
    const { runs } = this.summary();
    for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
    const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 3);
    const why = `They were ${most.map(([name, count]) => `${count} × ${name}`).join(", ")}${counts.size > 3 ? ", …" : ""}.`;
    return new EndlessJobsError(`${runs.length} jobs have run, and there are still more.`, why);
  }
}
