import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineJobs, type RecurringDefinition, RecurringJobManager } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { expect, test } from "vitest";
import type { JobRecord, Storage } from "../../src/storage/index.ts";
import { Child } from "../lifecycle/child.ts";
import type { SchedulerMessage } from "../lifecycle/programs/scheduler.ts";

const PROGRAM = new URL("../lifecycle/programs/scheduler.ts", import.meta.url);
const PROCESSES = 5;
const SERVERS_EACH = 4;
const SCHEDULES = 200;
/** So many of them must not miss a slot. */
const STRICT = 50;
const SECOND = 1_000;
const KILL_EVERY_MS = 5_000;
/** A new process is as eager as the one that fired: it comes when one of those that waited must have taken over. */
const REPLACED_AFTER_MS = 3_000;
const KILLS = 4;
/** A server that waits takes over at most two seconds after the slot; the rest is for a busy machine. */
const LONGEST_GAP_MS = 5_000;

type Scheduler = Child<SchedulerMessage>;

test("20 servers fire 200 schedules every second, the one that fires is killed again and again: no slot twice, none of strict missed, no long gap", async () => {
  const folder = await mkdtemp(join(tmpdir(), "firelater-chaos-"));
  const file = join(folder, "jobs.db");
  const storage = new SqliteStorage(file, { synchronous: "normal" });
  const begin = (): Scheduler => new Child(PROGRAM, [JSON.stringify({ file, servers: SERVERS_EACH })]);
  const children: Scheduler[] = Array.from({ length: PROCESSES }, begin);
  try {
    await Promise.all(children.map((child) => child.hears(({ kind }) => kind === "ready")));
    const jobs = defineJobs({ tick() {} });
    const recurring = new RecurringJobManager({ storage, jobs });
    const define = (nth: number): [string, RecurringDefinition<typeof jobs>] => {
      const isStrict = nth < STRICT;
      const how = { cron: "@every_second", misfire: isStrict ? "strict" : "relaxed" } as const;
      return [`${how.misfire}-${nth}`, { call: (j) => j.tick(), ...how }];
    };
    const beganAt = await storage.now();
    await recurring.sync(Object.fromEntries(Array.from({ length: SCHEDULES }, (_, nth) => define(nth))));

    const takenOver: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(KILL_EVERY_MS - REPLACED_AFTER_MS);
      const first = await whoFires(children);
      const others = children.filter((child) => child !== first);
      first.kill("SIGKILL");
      await first.exited;
      const killedAt = performance.now();
      await whoFires(others);
      takenOver.push(Math.round(performance.now() - killedAt));
      await pause(killedAt + REPLACED_AFTER_MS - performance.now());
      children.splice(children.indexOf(first), 1, begin());
    }
    await pause(KILL_EVERY_MS);
    const endedAt = await storage.now();
    await recurring.sync({});

    const slots = slotsOf(await allJobs(storage));
    const gaps = [...slots.values()].map((own) => longestGap([beganAt, ...own, endedAt]));
    const fired = [...slots.values()].reduce((sum, own) => sum + own.length, 0);
    console.log(
      `${fired} slots of ${slots.size} schedules, ${KILLS} kills; the next save came ${takenOver.join(", ")} ms after them; longest gap ${Math.max(...gaps)} ms`,
    );
    expect(slots.size).toBe(SCHEDULES);
    for (const own of slots.values()) expect(new Set(own).size).toBe(own.length);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(LONGEST_GAP_MS);
    expect(Math.max(...takenOver)).toBeLessThanOrEqual(LONGEST_GAP_MS);
    const strict = [...slots].filter(([id]) => id.startsWith("strict"));
    expect(strict).toHaveLength(STRICT);
    for (const [, own] of strict) expect(longestGap(own)).toBe(SECOND);
  } finally {
    for (const child of children) await child[Symbol.asyncDispose]();
    await storage.close();
    await rm(folder, { recursive: true });
  }
});

/** The process whose save is accepted next. */
async function whoFires(children: readonly Scheduler[]): Promise<Scheduler> {
  const before = new Map(children.map((child) => [child, child.messages.length]));
  for (;;) {
    const found = children.find((child) => child.messages.length > (before.get(child) ?? 0));
    if (found !== undefined) return found;
    await pause(20);
  }
}

async function allJobs(storage: Storage): Promise<JobRecord[]> {
  const jobs: JobRecord[] = [];
  for (const state of ["Enqueued", "Processing", "Succeeded", "Failed"] as const) {
    for (let after: string | null | undefined; after !== null; ) {
      const page = await storage.list({ state, limit: 500, ...(after === undefined ? {} : { after }) });
      jobs.push(...page.rows);
      after = page.next;
    }
  }
  // A job that moved on between two pages is seen twice.
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}

/** The slots of each schedule, in order; a job's slot is never before the job. */
function slotsOf(jobs: readonly JobRecord[]): Map<string, number[]> {
  const slots = new Map<string, number[]>();
  for (const { history, plannedAt, createdAt } of jobs) {
    const id = /"recurring":"([^"]+)"/.exec(history)?.[1] ?? "";
    expect(createdAt).toBeGreaterThanOrEqual(plannedAt ?? Number.POSITIVE_INFINITY);
    slots.set(id, [...(slots.get(id) ?? []), plannedAt ?? 0]);
  }
  for (const own of slots.values()) own.sort((a, b) => a - b);
  return slots;
}

function longestGap(slots: readonly number[]): number {
  return Math.max(...slots.slice(1).map((slot, nth) => slot - (slots[nth] ?? 0)));
}

/** The kills come at times that no condition of the system decides. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
