import { expect, test } from "vitest";
import { readLedger, starts } from "./ledger.ts";
import { Scene, SOON, type Worker } from "./scene.ts";

const JOBS = 8;

const told = (worker: Worker, kind: "started" | "ended" | "aborted") =>
  worker.messages
    .filter((message) => message.kind === kind)
    .map((message) => ("id" in message ? message.id : ""));
const logged = (worker: Worker, part: string) =>
  worker.messages.filter((message) => message.kind === "log" && message.text.includes(part));

test("a worker that is stopped, loses its jobs and wakes up again cannot complete them, and works on", async () => {
  await using scene = await Scene.open("stopped worker");
  const { client, storage } = scene;
  const sleeper = await scene.readyWorker({ name: "sleeper", queues: ["default", "sleeper"] });
  const ids = await client.enqueueMany((j) => Array.from({ length: JOBS }, () => j.hold()));
  await expect.poll(() => told(sleeper, "started").length, SOON).toBe(JOBS);
  const heir = await scene.readyWorker({ name: "heir" });
  const leaseOf = async (pid: number) => (await storage.servers()).find((server) => server.pid === pid);
  const before = await leaseOf(sleeper.pid);

  sleeper.kill("SIGSTOP");
  const stoppedAt = Date.now();
  await expect.poll(() => told(heir, "started").length, SOON).toBe(JOBS);
  console.log(`a silent worker's jobs started elsewhere ${Date.now() - stoppedAt} ms after it was stopped`);

  // Now both have the same jobs in hand, and only one of them may have them.
  const held = await storage.get(ids);
  sleeper.kill("SIGCONT");
  await expect.poll(() => told(sleeper, "aborted").length, SOON).toBe(JOBS);
  const codes = sleeper.messages.flatMap((message) => (message.kind === "aborted" ? [message.code] : []));
  expect(new Set(codes)).toEqual(new Set(["FL_CLAIM_LOST"]));
  sleeper.send("release");
  await expect.poll(() => told(sleeper, "ended").length, SOON).toBe(JOBS);
  await expect.poll(() => logged(sleeper, "was not accepted").length, SOON).toBe(JOBS);
  expect(logged(sleeper, "has lost its lease")).toHaveLength(1);
  expect(await storage.get(ids)).toEqual(held);
  heir.send("release");
  const results = await Promise.all(ids.map((id) => client.result(id, { timeout: "20s" })));
  expect(new Set(results)).toEqual(new Set(["heir"]));

  await expect.poll(async () => (await leaseOf(sleeper.pid))?.live, SOON).toBe(true);
  expect((await leaseOf(sleeper.pid))?.incarnation).not.toBe(before?.incarnation);
  const own = await client.enqueue((j) => j.work(1), { queue: "sleeper" });
  expect(await client.result(own, { timeout: "20s" })).toBe("sleeper");

  for (const id of ids) {
    const job = await client.get(id);
    expect(job?.history.map(({ state }) => state)).toEqual([
      "Enqueued",
      "Processing",
      "Enqueued",
      "Processing",
      "Succeeded",
    ]);
    expect(job).toMatchObject({ attempt: 1, crashes: 1 });
    const [first, second] = starts(readLedger(scene.ledger).get(id) ?? []);
    expect([first?.pid, second?.pid]).toEqual([sleeper.pid, heir.pid]);
    expect(second?.fence).toBeGreaterThan(first?.fence ?? 0);
  }
});

test("a worker that was alone while it was stopped keeps its jobs: nobody has judged it", async () => {
  await using scene = await Scene.open("stopped alone");
  const worker = await scene.readyWorker();
  const ids = await scene.client.enqueueMany((j) => Array.from({ length: 3 }, () => j.hold()));
  await expect.poll(() => told(worker, "started").length, SOON).toBe(3);
  worker.kill("SIGSTOP");
  const isLive = async () => (await scene.storage.servers())[0]?.live;
  await expect.poll(isLive, SOON).toBe(false);
  worker.kill("SIGCONT");
  await expect.poll(isLive, SOON).toBe(true);
  worker.send("release");
  const results = await Promise.all(ids.map((id) => scene.client.result(id, { timeout: "20s" })));
  expect(results).toEqual(["worker", "worker", "worker"]);
  expect(told(worker, "aborted")).toEqual([]);
  for (const id of ids) expect(starts(readLedger(scene.ledger).get(id) ?? [])).toHaveLength(1);
});
