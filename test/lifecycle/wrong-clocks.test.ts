import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BackgroundJobClient, defineJobs, type JobDetails } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Child } from "./child.ts";
import { firings } from "./firings.ts";
import type { ClockedMessage } from "./programs/clocked.ts";
import { SOON } from "./workbench.ts";

const TEN_MINUTES = 600_000;
const PROGRAM = new URL("./programs/clocked.ts", import.meta.url);
const CLOCK = new URL("./programs/ten-minutes-off.ts", import.meta.url);

let folder: string;
let children: Child<ClockedMessage>[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "firelater-clocks-"));
});
afterEach(async () => {
  await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
  children = [];
  await rm(folder, { recursive: true, force: true });
});

/** A process whose clock is off; it says so itself, so that the test tests something. */
async function start(role: string, off: number): Promise<Child<ClockedMessage>> {
  process.env.CLOCK_OFF = String(off);
  const child = new Child<ClockedMessage>(PROGRAM, [join(folder, "jobs.db"), role], ["--import", CLOCK.href]);
  children.push(child);
  const clock = await child.hears((message) => message.kind === "clock");
  if (clock.kind !== "clock") throw new Error("no clock");
  expect(Math.abs(clock.now - Date.now() - off)).toBeLessThan(60_000);
  return child;
}

const entryOf = (job: JobDetails | null, state: string) =>
  Number(job?.history.find((entry) => entry.state === state)?.at);

test("a client ten minutes ahead and servers ten minutes behind and ahead change nothing", async () => {
  await using storage = new SqliteStorage(join(folder, "jobs.db"), { synchronous: "normal" });
  const client = new BackgroundJobClient({ storage, jobs: defineJobs({}) });
  const before = await storage.now();
  expect(Math.abs(before - Date.now())).toBeLessThan(60_000);
  await start("behind", -TEN_MINUTES);
  await start("ahead", TEN_MINUTES);
  const producer = await start("client", TEN_MINUTES);
  const stored = await producer.hears((message) => message.kind === "stored");
  if (stored.kind !== "stored") throw new Error("nothing stored");
  const { now, later, limited } = stored.ids;

  await expect.poll(async () => (await client.get(later))?.state, SOON).toBe("Succeeded");
  const [first, second] = [await client.get(now), await client.get(later)];
  expect(first?.state).toBe("Succeeded");
  for (const job of [first, second]) {
    expect(Number(job?.createdAt)).toBeGreaterThanOrEqual(before);
    expect(Number(job?.createdAt)).toBeLessThan(before + 60_000);
    const latency = Number(job?.history.at(-1)?.latency);
    expect(latency).toBeGreaterThanOrEqual(0);
    expect(latency).toBeLessThan(60_000);
  }
  expect(Number(second?.dueAt) - Number(second?.createdAt)).toBe(1_000);
  expect(entryOf(second, "Processing")).toBeGreaterThanOrEqual(Number(second?.dueAt));

  // Slots of every second, none of a wrong hour, and no server takes another one for dead.
  const slots = async () => (await firings(storage)).get("tick") ?? [];
  await expect.poll(async () => (await slots()).length, SOON).toBeGreaterThan(3);
  for (const { slot, storedAt } of await slots()) {
    expect(slot).toBeGreaterThanOrEqual(before - 1_000);
    expect(storedAt).toBeGreaterThanOrEqual(slot);
    expect(storedAt - slot).toBeLessThan(30_000);
  }
  expect((await storage.servers()).filter(({ live }) => live)).toHaveLength(2);
  expect((await client.get(limited))?.history.filter(({ state }) => state === "Processing")).toHaveLength(1);

  // Deleted from this process: told in the other one, whatever its clock says.
  const from = performance.now();
  expect(await client.delete(limited)).toBe(true);
  const aborted = await Promise.any(
    children.slice(0, 2).map((child) => child.hears((message) => message.kind === "aborted")),
  );
  expect(aborted).toEqual({ kind: "aborted", code: "FL_JOB_CANCELLED" });
  console.log(`a deletion was heard in another process after ${Math.round(performance.now() - from)} ms`);
});
