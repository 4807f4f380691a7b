import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteStorage } from "firelater/sqlite";
import { expect, test } from "vitest";
import type { OpenerMessage } from "./programs/opener.ts";
import { Scene } from "./scene.ts";

const OPENER = new URL("./programs/opener.ts", import.meta.url);

const paths = (scene: Scene, prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => join(scene.folder, `${prefix}-${n}.db`));
const open = (scene: Scene, files: readonly string[]) =>
  scene.spawn<OpenerMessage>(OPENER, [JSON.stringify(files)]);

/** Opens a file that others have left behind; how many jobs are in it. */
async function jobsIn(file: string): Promise<number> {
  await using storage = new SqliteStorage(file);
  return (await storage.counts()).Enqueued;
}

test("processes that open the same new files at once migrate each of them once", async () => {
  await using scene = await Scene.open("two migrate at once");
  const files = paths(scene, "shared", 25);
  const openers = [open(scene, files), open(scene, files), open(scene, files)];
  await Promise.all(openers.map(({ exited }) => exited));
  const failures = openers.flatMap(({ messages }) => messages.filter((message) => "failed" in message));
  expect(failures).toEqual([]);
  for (const file of files) expect(await jobsIn(file)).toBe(openers.length);
});

test("a process that is killed while it opens and migrates leaves every file whole", async () => {
  await using scene = await Scene.open("killed while migrating");
  for (let round = 0; round < 8; round++) {
    const files = paths(scene, `round-${round}`, 200);
    const opener = open(scene, files);
    const enough = scene.between(1, 30);
    await opener.hears(() => opener.messages.length >= enough);
    opener.kill("SIGKILL");
    await opener.exited;
    const opened = opener.messages.flatMap((message) => ("opened" in message ? [message.opened] : []));
    for (const file of files.filter((one) => existsSync(one))) {
      // What was acknowledged is there; of the one it died over, all or nothing.
      const jobs = await jobsIn(file);
      if (opened.includes(file)) expect(jobs).toBe(1);
      else expect(jobs).toBeLessThanOrEqual(1);
      const database = new DatabaseSync(file);
      expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      database.close();
    }
  }
});

test("a file of a newer version is refused politely, and not a byte of it is touched", async () => {
  await using scene = await Scene.open("a newer schema");
  const [file = ""] = paths(scene, "newer", 1);
  expect(await jobsIn(file)).toBe(0);
  const database = new DatabaseSync(file);
  database.exec("UPDATE firelater_schema SET version = 999");
  database.close();
  const state = () => ({
    hash: createHash("sha256").update(readFileSync(file)).digest("hex"),
    files: readdirSync(scene.folder).filter((name) => name.startsWith("newer")),
  });
  const before = state();
  await using storage = new SqliteStorage(file);
  const refused = {
    code: "FL_SCHEMA_TOO_NEW",
    message: expect.stringMatching(/999.*Update the firelater package/),
  };
  await expect(storage.ready).rejects.toMatchObject(refused);
  await expect(storage.counts()).rejects.toMatchObject(refused);
  await storage.close();
  expect(state()).toEqual(before);
});
