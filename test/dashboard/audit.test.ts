import type { Storage } from "firelater";
import { expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { type DocumentSave, StorageFailedError } from "../../src/storage/index.ts";
import { Workbench } from "../lifecycle/workbench.ts";
import { Scene } from "./scene.ts";

const DOWN = () => Promise.reject(new StorageFailedError("memory", "store documents", new Error("down")));

/** Lets so many writes of documents through, then none. */
function failAfter(storage: Storage, writes: number): void {
  const save = storage.admin.saveDocuments.bind(storage.admin);
  let left = writes;
  storage.admin.saveDocuments = (saves: readonly DocumentSave[]) => (left-- > 0 ? save(saves) : DOWN());
}

test("what cannot be written down is not done", async () => {
  await using scene = new Scene(Workbench.inMemory());
  const { storage } = scene.bench;
  failAfter(storage, 0);
  expect(Scene.codeOf(await scene.post("queues/slow/pause"))).toBe("503 FL_STORAGE_FAILED");
  expect(await storage.admin.queues()).toEqual([]);
});

test("what was done stays done when its end cannot be written down, and that is logged", async () => {
  await using scene = new Scene(Workbench.inMemory());
  failAfter(scene.bench.storage, 1);
  expect((await scene.post("queues/slow/pause")).body).toMatchObject({ applied: true });
  expect(scene.bench.logger.texts("error", "the end of an action")).toHaveLength(1);
  const { rows } = await scene.read<"GET audit">("audit");
  expect(rows).toMatchObject([{ action: "queue.pause", subject: "slow", outcome: "begun" }]);
});

test("what fails is an entry with its reason, and one entry only", async () => {
  await using scene = new Scene(Workbench.inMemory());
  const id = await scene.client.delay((j) => j.mail.send(1), "1h");
  scene.bench.broken.fail("commit", { times: 1 });
  expect((await scene.post(`jobs/${id}/delete`)).status).toBe(503);
  const { rows } = await scene.read<"GET audit">(`audit?subject=${id}`);
  const details = { error: expect.stringContaining("broken by the test") };
  expect(rows).toMatchObject([{ action: "job.delete", outcome: "failed", details }]);
});

test("a job shows what was just done to it, and reads the trail once for all who look", async () => {
  await using scene = new Scene(Workbench.inMemory());
  const { admin } = scene.bench.storage;
  const list = admin.listDocuments.bind(admin);
  let read = 0;
  admin.listDocuments = (query) => {
    if (query.kind === "audit") read++;
    return list(query);
  };
  const id = await scene.client.delay((j) => j.mail.send(1), "1h");
  const shown = async () => (await scene.read<"GET jobs/:id">(`jobs/${id}`)).audit.length;
  expect(await Promise.all([shown(), shown(), shown()])).toEqual([0, 0, 0]);
  expect(read).toBe(1);
  await scene.post(`jobs/${id}/delete`);
  expect([await shown(), await shown(), read]).toEqual([1, 1, 2]);
});

test("the trail is bounded", async () => {
  await using scene = new Scene(Workbench.inMemory());
  const { admin } = scene.bench.storage;
  for (let nth = 0; nth < 10_100; nth++)
    await admin.saveDocuments([{ kind: "audit", id: newId(nth), version: 0, text: "{}" }]);
  await scene.post("queues/slow/pause");
  expect(await admin.trimDocuments("audit", 10_000, 1_000)).toBe(0);
});
