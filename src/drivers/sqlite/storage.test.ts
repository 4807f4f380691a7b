import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { newId } from "../../base/ids.ts";
import { entryTail, type NewJob, type Signal } from "../../storage/index.ts";
import { Connection } from "./connection.ts";
import { idBytes } from "./id.ts";
import { SqliteStorage, type SqliteStorageOptions } from "./index.ts";
import { MIGRATIONS } from "./schema.ts";

const folders: string[] = [];
const storages: SqliteStorage[] = [];

afterEach(async () => {
  for (const storage of storages.splice(0)) await storage.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "firelater-"));
  folders.push(folder);
  return join(folder, "jobs.db");
}

function open(file = newFile(), options: SqliteStorageOptions = { synchronous: "normal" }): SqliteStorage {
  const storage = new SqliteStorage(file, options);
  storages.push(storage);
  return storage;
}

function job(args = "[]"): NewJob {
  const entry = entryTail("Enqueued");
  return { id: newId(), queue: "default", rank: 0, name: "noop", args, displayName: null, entry };
}

function hash(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

test("the folder of the file is made when it is missing", async () => {
  await expect(open(join(newFile(), "..", "deeper", "still", "jobs.db")).ready).resolves.toBeUndefined();
});

test("a file that is no database is refused with the engine's error as cause", async () => {
  const file = newFile();
  const other = new DatabaseSync(file);
  other.exec("CREATE TABLE t (x)");
  other.close();
  const { writeFileSync } = await import("node:fs");
  writeFileSync(file, "this is a text, and long enough to be read as the header of a database file, or not");
  const storage = open(file);
  await expect(storage.ready).rejects.toMatchObject({
    code: "FL_STORAGE_FAILED",
    cause: { code: "ERR_SQLITE_ERROR" },
  });
  await expect(storage.insert([job()])).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
});

test.each([
  ["no file", undefined, {}],
  ["an empty name", "", {}],
  ["a misspelt setting", ":memory:", { synchronous: "FULL" }],
  ["a setting of SQLite that is none here", ":memory:", { synchronous: "off" }],
  ["migrate that is no flag", ":memory:", { migrate: "never" }],
])("%s is refused before anything is opened", (_, file, options) => {
  expect(() => Reflect.construct(SqliteStorage, [file, options])).toThrow(
    expect.objectContaining({ code: "FL_INVALID_STORAGE_OPTIONS" }),
  );
});

test("a look for changes that fails is no end of the process, nor of the looks", async () => {
  const file = newFile();
  const storage = open(file);
  await storage.ready;
  const heard = Promise.withResolvers<Signal>();
  const look = vi.spyOn(Connection.prototype, "dataVersion").mockImplementationOnce(() => {
    throw new Error("disk I/O error");
  });
  storage.subscribe((signal) => heard.resolve(signal));
  await open(file).insert([job()]);
  expect(await heard.promise).toEqual({ kind: "changed" });
  expect(look.mock.results[0]?.type).toBe("throw");
  look.mockRestore();
});

test("what an undone undoing left behind does not stop the next write", async () => {
  const storage = open();
  await storage.ready;
  const refused = vi.spyOn(Connection.prototype, "commit").mockImplementationOnce(() => {
    throw new Error("disk I/O error");
  });
  const stuck = vi.spyOn(Connection.prototype, "rollback").mockImplementationOnce(() => undefined);
  await expect(storage.insert([job()])).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
  refused.mockRestore();
  stuck.mockRestore();
  await storage.insert([job()]);
  expect((await storage.counts()).Enqueued).toBe(1);
});

test("a newer schema is refused and the file is left as it was", async () => {
  const file = newFile();
  const first = open(file);
  await first.ready;
  await first.close();
  const later = new DatabaseSync(file);
  later.exec("UPDATE firelater_schema SET version = 999; PRAGMA wal_checkpoint(TRUNCATE)");
  later.close();
  const before = hash(file);
  await expect(open(file).ready).rejects.toMatchObject({ code: "FL_SCHEMA_TOO_NEW" });
  expect(hash(file)).toBe(before);
});

test("opened as it is, a file is neither made nor migrated", async () => {
  const file = newFile();
  const asItIs = { migrate: false };
  await expect(open(file, asItIs).ready).rejects.toMatchObject({ code: "FL_STORE_MISSING" });
  await expect(open(join(file, "..", "deeper", "jobs.db"), asItIs).ready).rejects.toMatchObject({
    code: "FL_STORE_MISSING",
  });
  expect(readdirSync(dirname(file))).toEqual([]);
  const old = new DatabaseSync(file);
  await expect(open(file, asItIs).ready).rejects.toMatchObject({ code: "FL_STORE_MISSING" });
  old.exec(MIGRATIONS[0] ?? "");
  old.exec(
    "CREATE TABLE firelater_schema (version INTEGER NOT NULL) STRICT; INSERT INTO firelater_schema VALUES (1)",
  );
  old.close();
  const before = hash(file);
  await expect(open(file, asItIs).insert([job()])).rejects.toMatchObject({ code: "FL_SCHEMA_TOO_OLD" });
  expect(hash(file)).toBe(before);
  await open(file).ready;
  const storage = open(file, asItIs);
  await storage.insert([job()]);
  expect((await storage.counts()).Enqueued).toBe(1);
});

test("a file of the first version keeps its jobs", async () => {
  const file = newFile();
  const old = new DatabaseSync(file);
  old.exec(MIGRATIONS[0] ?? "");
  old.exec(
    "CREATE TABLE firelater_schema (version INTEGER NOT NULL) STRICT; INSERT INTO firelater_schema VALUES (1)",
  );
  const { id } = job();
  old
    .prepare(`INSERT INTO firelater_job (id, queue, rank, seq, state, state_at, entry, hold, created_at, due_at, name, args, history)
      VALUES (?, 'default', 0, 1, 2, 5, '"state":"Scheduled"', 1, 5, 4000000000000, 'noop', '[]', '')`)
    .run(idBytes(id));
  old.close();
  const [row] = await open(file).get([id]);
  expect(row).toMatchObject({ state: "Scheduled", dueAt: 4_000_000_000_000, plannedAt: 4_000_000_000_000 });
});

test("jobs may live in the application's own file, beside its tables", async () => {
  const file = newFile();
  const application = new DatabaseSync(file);
  application.exec(
    "PRAGMA user_version = 42; CREATE TABLE customer (id INTEGER); INSERT INTO customer VALUES (7)",
  );
  const storage = open(file);
  await storage.insert([job()]);
  expect(application.prepare("SELECT id FROM customer").get()).toEqual({ id: 7 });
  expect(application.prepare("PRAGMA user_version").get()).toEqual({ user_version: 42 });
  application.close();
});

test("of writes that share a transaction the one that fails is undone alone", async () => {
  const file = newFile();
  const storage = open(file);
  await storage.ready;
  const other = new DatabaseSync(file);
  other.exec(`CREATE TRIGGER refuse BEFORE INSERT ON firelater_job WHEN NEW.args = '["bad"]'
    BEGIN SELECT RAISE(ABORT, 'refused by the test'); END`);
  other.close();
  const jobs = Array.from({ length: 50 }, (_, index) => job(index === 17 ? '["bad"]' : `[${index}]`));
  const settled = await Promise.allSettled(jobs.map((one) => storage.insert([one])));
  expect(settled.filter(({ status }) => status === "rejected")).toHaveLength(1);
  expect(settled[17]).toMatchObject({ reason: { code: "FL_STORAGE_REFUSED" } });
  expect((await storage.counts()).Enqueued).toBe(49);
  expect(await storage.get(jobs.map(({ id }) => id))).toHaveLength(49);
});

test("a lock of another process is waited for without stopping the event loop", async () => {
  const file = newFile();
  const storage = open(file);
  await storage.ready;
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  let turns = 0;
  const turning = setInterval(() => {
    // The lock is let go by the very event loop that the write must not stop.
    if (++turns === 5) other.exec("COMMIT");
  }, 2);
  await storage.insert([job()]);
  clearInterval(turning);
  expect(turns).toBeGreaterThanOrEqual(5);
  other.close();
});

test("a lock that is never let go ends the wait with an error, and nothing is stored", async () => {
  const file = newFile();
  const storage = open(file, { busyTimeout: "50ms" });
  await storage.ready;
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  await expect(storage.insert([job()])).rejects.toMatchObject({ code: "FL_STORAGE_BUSY" });
  other.exec("COMMIT");
  expect((await storage.counts()).Enqueued).toBe(0);
  await expect(storage.insert([job()])).resolves.toHaveLength(1);
  other.close();
});

test("a full disk fails the write as a whole, and the storage works on once there is room", async () => {
  const file = newFile();
  const storage = open(file);
  await storage.insert([job()]);
  await storage.close();
  // The limit is a setting of a connection, so the write under test is made on one that has it.
  const { Connection } = await import("./connection.ts");
  const { Writer } = await import("./writer.ts");
  const { insert } = await import("./insert.ts");
  const connection = new Connection(file, "test");
  const pages = Number(connection.sql.first("PRAGMA page_count")?.[0]);
  connection.exec(`PRAGMA max_page_count = ${pages}`);
  const writer = new Writer(connection, 1_000, () => {});
  const large = Array.from({ length: 100 }, () => job(JSON.stringify(["x".repeat(5_000)])));
  await expect(writer.write("store jobs", 100, "durable", (tx) => insert(tx, large))).rejects.toMatchObject({
    code: "FL_STORAGE_FAILED",
  });
  connection.exec("PRAGMA max_page_count = 1000000");
  await writer.write("store jobs", 100, "durable", (tx) => insert(tx, large));
  expect(connection.sql.first("SELECT count(*) FROM firelater_job")).toEqual([101]);
  expect(connection.sql.first("PRAGMA integrity_check")).toEqual(["ok"]);
  connection.close();
});

test("another process's write is noticed", async () => {
  const file = newFile();
  const mine = open(file);
  const theirs = open(file);
  await Promise.all([mine.ready, theirs.ready]);
  const heard = new Promise<Signal>((resolve) => mine.subscribe(resolve));
  await theirs.insert([job()]);
  await expect(heard).resolves.toEqual({ kind: "changed" });
});

test("the clock is the host's, whatever this process makes of its own", async () => {
  const storage = open();
  const real = Date.now;
  const before = real();
  Date.now = () => 0;
  try {
    expect(await storage.now()).toBeGreaterThanOrEqual(before);
  } finally {
    Date.now = real;
  }
});

test("a storage in memory says what it is worth", async () => {
  const storage = open(":memory:");
  await storage.insert([job()]);
  expect(storage.durability.level).toBe("none");
  expect(storage.manifest).toMatchObject({ persistent: false, shared: false });
  expect(storage.name).not.toBe(open(":memory:").name);
});
