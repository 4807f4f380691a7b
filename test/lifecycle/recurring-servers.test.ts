import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { BreakableStorage } from "./breakable-storage.ts";
import { Child } from "./child.ts";
import { type Firing, firings } from "./firings.ts";
import type { SchedulerMessage } from "./programs/scheduler.ts";
import { SOON, Workbench } from "./workbench.ts";

const PROGRAM = new URL("./programs/scheduler.ts", import.meta.url);
const SECOND = 1_000;
/** A server that waits leaves a due slot alone for one to two seconds; the rest is for a busy machine. */
const TAKEN_OVER_MS = 2_000 + 1_500;
const jobs = defineJobs({ tick: async () => {} });

type Scheduler = Child<SchedulerMessage>;

const saves = (child: Scheduler) => child.messages.filter(({ kind }) => kind === "fired").length;

/** Two processes with a server each on one file, and the one of them that fires every second, alone for a while. */
async function twoProcesses(bench: Workbench): Promise<[first: Scheduler, second: Scheduler]> {
  const begin = (): Scheduler => new Child(PROGRAM, [JSON.stringify({ file: bench.file, servers: 1 })]);
  const children: [Scheduler, Scheduler] = [begin(), begin()];
  await Promise.all(children.map((child) => child.hears(({ kind }) => kind === "ready")));
  await addStrict(bench);
  // Both have tried; from then on one leaves the slots to the other.
  await expect.poll(() => children.some((child) => saves(child) > 1), SOON).toBe(true);
  const [one, other] = children;
  return saves(one) > saves(other) ? [one, other] : [other, one];
}

async function addStrict(bench: Workbench): Promise<void> {
  const recurring = bench.recurring(jobs, bench.another());
  await recurring.addOrUpdate("tick", (j) => j.tick(), "@every_second", { misfire: "strict" });
}

/** Nothing of the last slot is under way: a process that is frozen now holds no lock that others would wait for. */
async function settled(bench: Workbench): Promise<void> {
  const counts = async () => {
    const { Enqueued, Processing } = await bench.storage.counts();
    return Enqueued + Processing;
  };
  await expect.poll(counts, SOON).toBe(0);
}

/** Every slot from the first to the last once, none before its time, none later than a take-over lasts. */
async function check(bench: Workbench): Promise<void> {
  const all = (await firings(bench.storage)).get("tick") ?? [];
  const slots = all.map(({ slot }) => slot);
  expect(slots).toEqual(slots.map((_, nth) => Number(slots[0]) + nth * SECOND));
  const late = all.map(({ slot, storedAt }) => storedAt - slot);
  console.log(`${all.length} slots, the latest fired ${Math.max(...late)} ms after its time`);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...late)).toBeLessThan(TAKEN_OVER_MS);
  expect(all.filter(isEarly)).toEqual([]);
}

function isEarly({ slot, startedAt }: Firing): boolean {
  return startedAt < slot;
}

test("three servers, stopped one after the other: each slot once, and the next one soon", async () => {
  await using bench = await Workbench.onSqlite();
  const storages = [1, 2, 3].map(() => new BreakableStorage(bench.another()));
  const servers = await Promise.all(
    storages.map(({ storage }, nth) => bench.serve(jobs, { storage, name: `server ${nth}` })),
  );
  await addStrict(bench);
  const tries = () => storages.map(({ calls }) => calls.get("saveRecurring") ?? 0);
  const goneBy = async () => ((await firings(bench.storage)).get("tick") ?? []).length;
  const more = async (slots: number) => {
    const before = await goneBy();
    await expect.poll(goneBy, SOON).toBeGreaterThanOrEqual(before + slots);
  };
  await more(2);
  for (let left = servers.length; left > 1; left--) {
    const before = tries();
    await more(2);
    // Whoever has tried since is the one that fires: those that leave it to others do not even try.
    const tried = tries().map((count, nth) => count - (before[nth] ?? 0));
    await servers[tried.indexOf(Math.max(...tried))]?.stop();
    await more(2);
  }
  await check(bench);
});

test("a process that is killed: another one takes over, no slot twice, none missed", async () => {
  await using bench = await Workbench.onSqlite();
  const [first, second] = await twoProcesses(bench);
  await using _first = first;
  await using _second = second;
  const before = saves(second);
  first.kill("SIGKILL");
  expect(await first.exited).toMatchObject({ signal: "SIGKILL" });
  await expect.poll(() => saves(second), SOON).toBeGreaterThan(before + 2);
  await check(bench);
});

test("a process that is frozen and wakes again fires nothing that another one has fired meanwhile", async () => {
  await using bench = await Workbench.onSqlite();
  const [first, second] = await twoProcesses(bench);
  await using _first = first;
  await using _second = second;
  const before = saves(second);
  await settled(bench);
  first.kill("SIGSTOP");
  await expect.poll(() => saves(second), SOON).toBeGreaterThan(before + 2);
  first.kill("SIGCONT");
  // Awake it is as eager as it was, until it has found that somebody else fires them.
  const thawed = saves(first) + saves(second);
  await expect.poll(() => saves(first) + saves(second), SOON).toBeGreaterThan(thawed + 3);
  await check(bench);
});
