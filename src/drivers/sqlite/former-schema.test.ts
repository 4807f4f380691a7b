import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "../../base/ids.ts";
import { entryTail, FLAG, LOG_CHARS, pastOf, TAIL } from "../../storage/index.ts";
import { idBytes } from "./id.ts";
import { SqliteStorage } from "./index.ts";
import { MIGRATIONS } from "./schema.ts";

/** The version before limits and gate conditions, with jobs that were under way when it was replaced. */
const FORMER = 3;

let folder: string;
let file: string;
let former: DatabaseSync;
let seq = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "firelater-"));
  file = join(folder, "jobs.db");
  former = new DatabaseSync(file);
  for (const migration of MIGRATIONS.slice(0, FORMER)) former.exec(migration);
  former.exec("CREATE TABLE firelater_schema (version INTEGER NOT NULL) STRICT");
  former.exec(`INSERT INTO firelater_schema VALUES (${FORMER})`);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** As the former version wrote it. */
function store(state: number, hold: number, flags = 0, gated = false): string {
  const id = newId();
  former
    .prepare(`INSERT INTO firelater_job (id, queue, rank, seq, state, state_at, entry, hold, created_at, name, args, flags,
      gate, history) VALUES (?, 'default', 0, ?, ?, 5, ?, ?, 5, 'noop', '[]', ?, ?, '')`)
    .run(
      idBytes(id),
      ++seq,
      state,
      state === 3 ? entryTail("Awaiting") : "",
      hold,
      flags,
      gated ? idBytes(id) : null,
    );
  former
    .prepare("UPDATE firelater_counter SET value = value + 1 WHERE name IN ('seq', ?)")
    .run(String(state));
  return id;
}

function storeWaiting(parent: string, resolved: boolean): string {
  const id = store(3, 2, FLAG.gated, true);
  former
    .prepare("INSERT INTO firelater_edge (gate, position, parent, tied, resolved) VALUES (?, 0, ?, 1, ?)")
    .run(idBytes(id), idBytes(parent), Number(resolved));
  if (!resolved) former.prepare("INSERT INTO firelater_gate (id, open) VALUES (?, 1)").run(idBytes(id));
  return id;
}

async function open(): Promise<SqliteStorage> {
  former.close();
  const storage = new SqliteStorage(file, { synchronous: "normal" });
  await storage.ready;
  return storage;
}

test("gates that wait open by success, and break by deletion", async () => {
  const [parent, doomed] = [store(1, 0, FLAG.parent), store(1, 0, FLAG.parent)];
  const [child, broken] = [storeWaiting(parent, false), storeWaiting(doomed, false)];
  await using storage = await open();
  for (const [id, state] of [
    [parent, "Succeeded"],
    [doomed, "Deleted"],
  ] as const) {
    const [row] = await storage.get([id]);
    if (row === undefined) throw new Error("the parent is gone");
    const change = { id, fence: row.fence, state, entry: entryTail(state), past: pastOf(row) };
    expect(await storage.commit([change])).toEqual(["applied"]);
  }
  const [opened, deleted] = await storage.get([child, broken]);
  expect(opened).toMatchObject({ state: "Enqueued", hold: null, limit: null, parameters: null, tags: [] });
  expect(opened?.history).toContain(TAIL.released);
  expect(deleted).toMatchObject({ state: "Deleted", entry: TAIL.conditionNotMet });
});

test("what a write has left over is worked off", async () => {
  const parent = store(5, 0, FLAG.parent);
  const [opened, broken, edge] = [
    storeWaiting(parent, true),
    storeWaiting(parent, true),
    storeWaiting(parent, false),
  ];
  const leave = former.prepare("INSERT INTO firelater_release (kind, id, fence, state) VALUES (?, ?, ?, ?)");
  leave.run("gate", idBytes(opened), 0, 5);
  leave.run("gate", idBytes(broken), 0, 7);
  leave.run("parent", idBytes(parent), 1, 5);
  await using storage = await open();
  expect(await storage.release(10)).toEqual({ released: 3, more: false });
  const states = (await storage.get([opened, broken, edge])).map(({ state }) => state);
  expect(states).toEqual(["Enqueued", "Deleted", "Enqueued"]);
});

test("logs of before count towards the bound of characters", async () => {
  const job = store(1, 0, FLAG.appended);
  const line = former.prepare(
    "INSERT INTO firelater_log (job, at, attempt, text, data) VALUES (?, 5, 1, ?, NULL)",
  );
  for (const text of ["old", "x".repeat(LOG_CHARS), "new"]) line.run(idBytes(job), text);
  former.prepare("INSERT INTO firelater_appendix (job, lines) VALUES (?, 3)").run(idBytes(job));
  await using storage = await open();
  const texts = async () => (await storage.appendices(job)).logs.map(({ text }) => text);
  expect(await texts()).toEqual(["new"]);
  const large = {
    id: job,
    fence: 1,
    attempt: 1,
    kind: "log",
    text: "y".repeat(LOG_CHARS / 2),
    data: null,
  } as const;
  await storage.append([large]);
  expect((await texts()).map((text) => text.slice(0, 3))).toEqual(["new", "yyy"]);
  const db = new DatabaseSync(file);
  expect(db.prepare("SELECT count(*) AS lines FROM firelater_log").get()).toEqual({ lines: 2 });
  db.close();
});
