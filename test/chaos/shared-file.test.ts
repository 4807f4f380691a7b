import { expect, test } from "vitest";
import { checkInvariants } from "./invariants.ts";
import type { BusyMessage } from "./programs/busy-process.ts";
import { Scene, SOON } from "./scene.ts";

const BUSY = new URL("./programs/busy-process.ts", import.meta.url);
const JOBS = 4_000;

test("three processes on one file under load: no caller ever hears that it was busy", async () => {
  await using scene = await Scene.open("three processes");
  const processes = [1, 2, 3].map(() => scene.spawn<BusyMessage>(BUSY, [scene.file, String(JOBS)]));
  const told = await Promise.all(processes.map((one) => one.hears(() => true)));
  console.log(
    `longest event-loop delay of each process: ${told.map((one) => one.longestDelayMs).join(", ")} ms`,
  );
  expect(told.flatMap(({ errors }) => errors)).toEqual([]);
  const stored = told.reduce((sum, one) => sum + one.stored, 0);
  await expect.poll(async () => (await scene.storage.counts()).Succeeded, SOON).toBe(stored);
  for (const one of processes) one.send("stop");
  expect(await Promise.all(processes.map(({ exited }) => exited))).toEqual(
    processes.map(() => ({ code: 0, signal: null })),
  );
  const { broken } = checkInvariants({ ...scene, accepted: [] });
  expect(broken.filter((text) => !text.startsWith("I3"))).toEqual([]);
  expect(await scene.storage.servers()).toEqual([]);
});
