import { expect, test } from "vitest";
import { readLedger, starts } from "./ledger.ts";
import { Scene, SOON } from "./scene.ts";

const NEIGHBOURS = 3;

test.each([
  ["process.exit", (scene: Scene) => scene.client.enqueue((j) => j.exit(100), { priority: 1 }), []],
  [
    "running out of memory",
    (scene: Scene) => scene.client.enqueue((j) => j.hog(100), { priority: 1 }),
    ["--max-old-space-size=48"],
  ],
] as const)(
  "a job that ends three processes by %s is quarantined, and its neighbours finish",
  async (_, enqueue, execArgv) => {
    await using scene = await Scene.open("a job that kills");
    const { client, storage } = scene;
    const before = await client.enqueueMany((j) => Array.from({ length: NEIGHBOURS }, () => j.work(600)));
    const killer = await enqueue(scene);
    const after = await client.enqueueMany((j) => Array.from({ length: NEIGHBOURS }, () => j.work(600)));
    const neighbours = [...before, ...after];

    const deaths: number[] = [];
    let worker = scene.worker({}, execArgv);
    const done = async () => {
      if (!worker.isRunning) {
        deaths.push(worker.pid);
        worker = scene.worker({}, execArgv);
      }
      const { Succeeded, Failed } = await storage.counts();
      return Succeeded + Failed;
    };
    await expect.poll(done, SOON).toBe(1 + neighbours.length);

    expect(deaths).toHaveLength(3);
    const job = await client.get(killer);
    expect(job).toMatchObject({ state: "Failed", crashes: 3 });
    expect(job?.history.at(-1)?.reason).toMatch(/^Quarantined: three servers died/);
    expect(job?.history.map(({ state }) => state)).toEqual([
      ...["Enqueued", "Processing", "Enqueued", "Processing", "Enqueued", "Processing"],
      "Failed",
    ]);
    const ledger = readLedger(scene.ledger);
    expect(starts(ledger.get(killer) ?? []).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    for (const id of neighbours) {
      const neighbour = await client.get(id);
      expect(neighbour).toMatchObject({ state: "Succeeded", attempt: 1 });
      expect(neighbour?.crashes).toBeLessThanOrEqual(2);
    }
    // Beside the killer at its third and last start nobody was running.
    const last = starts(ledger.get(killer) ?? []).at(-1);
    const beside = neighbours.flatMap((id) => ledger.get(id) ?? []).filter(({ pid }) => pid === last?.pid);
    const running = beside.filter(({ event, id }) => event === "start" && !hasEnded(beside, id));
    expect(running).toEqual([]);
    expect(await client.requeue(killer)).toBe(true);
  },
);

function hasEnded(entries: readonly { event: string; id: string }[], id: string): boolean {
  return entries.some((entry) => entry.event === "end" && entry.id === id);
}
