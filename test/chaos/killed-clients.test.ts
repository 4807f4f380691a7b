import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkInvariants } from "./invariants.ts";
import { readLedger, starts } from "./ledger.ts";
import type { EnqueuerMessage } from "./programs/enqueuer.ts";
import { Scene, SOON } from "./scene.ts";

const ENQUEUER = new URL("./programs/enqueuer.ts", import.meta.url);
const CHUNKS = 400;
const CHUNK = 20;

test("a client that is killed while it enqueues, and sends again what it does not know of, gives one job each", async () => {
  await using scene = await Scene.open("killed clients");
  const chunks = Array.from({ length: CHUNKS }, () =>
    Array.from({ length: CHUNK }, () => crypto.randomUUID()),
  );
  const ids = chunks.flat();
  const idsFile = join(scene.folder, "ids.json");
  await writeFile(idsFile, JSON.stringify(chunks));
  await scene.readyWorker();
  const enqueueFrom = (chunk: number) =>
    scene.spawn<EnqueuerMessage>(ENQUEUER, [scene.file, idsFile, String(chunk)]);
  let acknowledged = 0;
  let kills = 0;
  for (; acknowledged < CHUNKS; kills++) {
    const client = enqueueFrom(acknowledged);
    // In the middle of whatever comes after so many chunks.
    const enough = acknowledged + scene.between(1, 60);
    await client.hears((stored) => stored >= Math.min(enough, CHUNKS));
    client.kill("SIGKILL");
    await client.exited;
    acknowledged = Math.max(acknowledged, ...client.messages);
  }
  console.log(`${kills} kills while ${ids.length} jobs were enqueued`);

  await expect.poll(async () => (await scene.storage.counts()).Succeeded, SOON).toBe(ids.length);
  const total = Object.values(await scene.storage.counts()).reduce((sum, count) => sum + count, 0);
  expect(total).toBe(ids.length);
  expect(checkInvariants({ ...scene, accepted: ids }).broken).toEqual([]);
  const ledger = readLedger(scene.ledger);
  expect(ids.filter((id) => starts(ledger.get(id) ?? []).length !== 1)).toEqual([]);
});
