import { setTimeout } from "node:timers/promises";
import { type BackgroundJobServer, RecurringJobManager, type Storage } from "firelater";
import type { Jobs } from "./jobs.ts";

const NAME = "heartbeat";

/** While the demo stands there: a recurring job every five seconds, told as it is done. Returns what ends it. */
export async function beat(
  storage: Storage,
  jobs: Jobs,
  server: BackgroundJobServer<Jobs>,
): Promise<() => Promise<void>> {
  const recurring = new RecurringJobManager({ storage, jobs });
  const silence = server.on("succeeded", ({ name }) => {
    if (name === "samples.beat") console.log(`${new Date().toLocaleTimeString()}  heartbeat`);
  });
  await recurring.addOrUpdate(NAME, (j, job) => j.samples.beat(job.dueAt), "*/5 * * * * *");
  return async () => {
    silence();
    await recurring.removeIfExists(NAME);
  };
}

/** Lets a recurring job fire every second, a few times. The slots that its jobs were given, in order. */
export async function countBeats(
  storage: Storage,
  jobs: Jobs,
  server: BackgroundJobServer<Jobs>,
  times: number,
): Promise<Date[]> {
  const recurring = new RecurringJobManager({ storage, jobs });
  const before = (await slotsSoFar(storage)).length;
  let heard = 0;
  let enough: () => void = () => {};
  const reached = new Promise<void>((resolve) => (enough = resolve));
  const silence = server.on("succeeded", ({ name }) => {
    if (name === "samples.beat" && ++heard === times) enough();
  });
  await recurring.addOrUpdate(NAME, (j, job) => j.samples.beat(job.dueAt), "@every_second");
  await Promise.race([reached, setTimeout(times * 10_000, undefined, { ref: false })]);
  await recurring.removeIfExists(NAME);
  silence();
  return (await slotsSoFar(storage)).slice(before);
}

/** The slots of all beats that are done, in order: they are the newest of all jobs. */
export async function slotsSoFar(storage: Storage): Promise<Date[]> {
  const { rows } = await storage.list({ state: "Succeeded", limit: 200 });
  const slots = rows.filter(({ name }) => name === "samples.beat").map(({ plannedAt }) => plannedAt ?? 0);
  return slots.sort((a, b) => a - b).map((slot) => new Date(slot));
}
