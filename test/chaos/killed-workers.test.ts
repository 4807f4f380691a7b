import { expect, test } from "vitest";
import { checkInvariants, describeTimes } from "./invariants.ts";
import { Scene, SOON, type Worker } from "./scene.ts";

const WORKERS = 3;
const KILLING_MS = 12_000;
const LEAST_JOBS = 1_500;
/** The check interval of half a second, the start of a process and a machine that has other things to do. */
const RECOVERED_MS = 5_000;

test("workers that are killed mid-job again and again lose nothing and complete nothing twice", async () => {
  await using scene = await Scene.open("killed workers");
  const workers: Worker[] = await Promise.all(Array.from({ length: WORKERS }, () => scene.readyWorker()));
  const accepted: string[] = [];
  const until = performance.now() + KILLING_MS;
  const feeding = feed(scene, accepted, until);
  let kills = 0;
  while (performance.now() < until) {
    await pause(scene.between(500, 800));
    const victim = scene.random.below(WORKERS);
    const worker = workers[victim];
    if (worker !== undefined) await scene.kill(worker);
    workers[victim] = scene.worker();
    kills++;
  }
  await feeding;
  await expect.poll(async () => (await scene.storage.counts()).Succeeded, SOON).toBe(accepted.length);

  const { broken, recoveries } = checkInvariants({ ...scene, accepted });
  console.log(`${accepted.length} jobs, ${kills} kills; orphans started again: ${describeTimes(recoveries)}`);
  expect(broken).toEqual([]);
  expect(accepted.length).toBeGreaterThanOrEqual(LEAST_JOBS);
  expect(recoveries.length).toBeGreaterThan(kills);
  expect(recoveries.at(-1)).toBeLessThanOrEqual(RECOVERED_MS);
});

/** Keeps a backlog for as long as the killing goes on, so that every kill hits running jobs. */
async function feed(scene: Scene, accepted: string[], until: number): Promise<void> {
  while (performance.now() < until || accepted.length < LEAST_JOBS) {
    const { Enqueued } = await scene.storage.counts();
    if (Enqueued < 300) {
      const lengths = Array.from({ length: 100 }, () => scene.between(5, 50));
      accepted.push(...(await scene.client.enqueueMany((j) => lengths.map((ms) => j.work(ms)))));
    } else await pause(10);
  }
}

/** The kills come at times that only the seed knows: no condition of the system decides them. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
