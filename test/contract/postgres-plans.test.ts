import assert from "node:assert/strict";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textArray } from "../../src/drivers/postgres/arrays.ts";
import { SETTINGS } from "../../src/drivers/postgres/connection.ts";
import { type PostgresPool, type PostgresQuery, PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { dropSchema, isReachable, newSchema, POSTGRES_URL } from "../postgres-schema.ts";
import { callEveryVerb, callHotPath } from "./postgres-every-verb.ts";

const schema = newSchema();
/** Every statement that the driver sends while each verb is called: the real texts and values, none forgotten. */
const sent = new Map<string, PostgresQuery>();
/** What the planner thinks of a table may depend on how many rows it is to be joined with. */
const BATCHES = [1, 20, 500];
/** Behind the name of a statement: the batch with which it was sent. */
let batch = "";

/** These sort what they were given, or have looked at: a few rows, never a table. */
const MAY_SORT =
  /^(insert|give-back|blame|hold-claims|change-recurring|remove-recurring|lock-keys|expire|parents|adopt|recover|statistics|fold|list-processing|held|servers|out-of-date|delete-waiters|release|failures|search-processing|change-documents|remove-documents)/;

/** What every job takes: these keep their plans on any connection, also one of a caller's pool without our settings. */
const HOT =
  /^(insert|insert-ready|insert-attached|insert-new|insert-ready-new|insert-attached-new|claim|succeed|finish|stay|give-back|blame)( |$)/;

describe.skipIf(!(await isReachable()))("plans", { timeout: 120_000 }, () => {
  let client: Client;
  let plain: Client;

  beforeAll(async () => {
    const pool = new Pool({ connectionString: POSTGRES_URL, options: SETTINGS });
    const storage = new PostgresStorage({ pool: listeningTo(pool) }, { schema });
    await callEveryVerb(storage);
    for (const size of BATCHES) {
      batch = ` × ${size}`;
      await callHotPath(storage, size);
    }
    await storage.close();
    await pool.end();
    client = new Client({ connectionString: POSTGRES_URL, options: SETTINGS });
    await client.connect();
    plain = new Client({ connectionString: POSTGRES_URL });
    await plain.connect();
  });

  afterAll(async () => {
    await client.end();
    await plain.end();
    await dropSchema(schema);
  });

  test("every statement was met", () => {
    expect(sent.size).toBeGreaterThan(60);
    const hot = [
      "insert-ready",
      "insert",
      "insert-ready-new",
      "insert-new",
      "insert-attached-new",
      "claim",
      "succeed",
      "finish",
      "stay",
      "promote",
      "recover",
      "expire",
    ];
    const met = hot.flatMap((name) => BATCHES.map((size) => `${name} × ${size}`));
    const asked = [
      "adopt",
      "queue-loads",
      "ready-queues",
      "pauses",
      "failures",
      "trim-documents",
      "change-documents",
      "children",
      "search-parked",
      "search-parked-next",
      "search-waiting",
      "search-waiting-next",
    ];
    for (const name of ["ready", "aside", "scheduled", "awaiting", "succeeded", "failed", "deleted"])
      asked.push(`search-${name}`, `search-${name}-next`);
    expect([...met, ...asked].filter((name) => !sent.has(name))).toEqual([]);
  });

  test("on tables that were just made", async () => {
    await client.query(`TRUNCATE "${schema}".job, "${schema}".job_done, "${schema}".edge, "${schema}".gate`);
    await explainAll();
  });

  test("on tables with a million jobs that nobody has analysed yet", async () => {
    await fill();
    await explainAll();
  });

  test("on tables with a million ready jobs and none that runs, analysed", async () => {
    await analyze();
    await explainAll();
  });

  test("on tables in which all that is left runs, analysed", async () => {
    await client.query(`DELETE FROM "${schema}".job WHERE state <> 1 OR seq % 100 <> 0`);
    await client.query(`UPDATE "${schema}".job SET state = 4, owner = 'somebody'`);
    await analyze();
    await explainAll();
  });

  test("on tables that were full, are empty and analysed", async () => {
    const tables = [
      "job",
      "job_done",
      "edge",
      "gate",
      "recurring",
      "pause",
      "document",
      "release",
      "log",
      "appendix",
      "tally",
      "server",
    ];
    for (const table of tables) await client.query(`DELETE FROM "${schema}".${table}`);
    await analyze();
    await explainAll();
  });

  async function explainAll(): Promise<void> {
    const problems: string[] = [];
    for (const [name, query] of sent) {
      problems.push(...(await complaintsAbout(name, query, client, "with our settings")));
      if (HOT.test(name)) problems.push(...(await complaintsAbout(name, query, plain, "without")));
    }
    assert.deepEqual(problems, []);
  }

  async function complaintsAbout(name: string, query: PostgresQuery, on: Client, where: string) {
    const complaints: string[] = [];
    for (const mode of ["force_generic_plan", "force_custom_plan"]) {
      const plan = await explain(on, query, mode);
      const complaint = complaintAbout(name, plan);
      if (complaint !== undefined) complaints.push(`${name} (${mode}, ${where}): ${complaint}\n${plan}`);
    }
    return complaints;
  }

  async function explain(on: Client, { text, values = [] }: PostgresQuery, mode: string): Promise<string> {
    await on.query(`SET plan_cache_mode = ${mode}`);
    await on.query(`PREPARE looked AS ${text}`);
    try {
      const given = values.map(literal).join(", ");
      const { rows } = await on.query<[string]>({
        text: `EXPLAIN (COSTS OFF) EXECUTE looked${given === "" ? "" : `(${given})`}`,
        rowMode: "array",
      });
      return rows.map(([line]) => line).join("\n");
    } finally {
      await on.query("DEALLOCATE looked");
    }
  }

  /** Our tables alone: other tests work in this database. */
  async function analyze(): Promise<void> {
    const { rows } = await client.query<{ tables: string }>(
      "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') AS tables FROM pg_tables WHERE schemaname = $1",
      [schema],
    );
    await client.query(`ANALYZE ${rows[0]?.tables}`);
  }

  /** As large as the contract says. Ids in their order, as the clients' own are: in another it would take minutes. */
  async function fill(): Promise<void> {
    const columns = `id, seq, state_at, created_at, fence, failures, crashes, rank, state, flags, queue, name, args, entry,
      history`;
    const values = (state: string) =>
      `lpad(to_hex(${state} * 10000000 + g), 32, '0')::uuid, g, g, g, 1, 0, 0, 0, ${state}, 0, 'default', 'noop', '[]', '', ''`;
    await client.query(`
      INSERT INTO "${schema}".job (${columns}, hold, blamed)
        SELECT ${values("1")}, 0, false FROM generate_series(1, 1000000) g;
      INSERT INTO "${schema}".job (${columns}, hold, blamed, due_at)
        SELECT ${values("2")}, 1, false, g FROM generate_series(1, 20000) g;
      INSERT INTO "${schema}".job_done (${columns})
        SELECT ${values("5")} FROM generate_series(1, 1000000) g;
      INSERT INTO "${schema}".edge (gate, parent, position, resolved)
        SELECT gen_random_uuid(), gen_random_uuid(), 0, true FROM generate_series(1, 50000) g;
      INSERT INTO "${schema}".document (kind, id, version, at, text)
        SELECT 'audit', 'audit-' || g, g, g, '' FROM generate_series(1, 50000) g;
    `);
  }
});

function complaintAbout(name: string, plan: string): string | undefined {
  // The servers and the pauses are few, and the totals are one row.
  if (/Seq Scan on (?!server|pause|total)/.test(plan)) return "it scans a table";
  const walked = walkedIndex(plan);
  // The jobs that are running, in an order that no index has: the index of all of them is what there is to walk.
  if (walked !== undefined && !/^(list|search)-processing/.test(name))
    return `it walks the whole of ${walked}`;
  if (/^\s*(->\s+)?Sort/m.test(plan) && !MAY_SORT.test(name)) return "it sorts";
  return undefined;
}

/** An index that is walked from one end to the other, unless a limit right above it ends the walk. */
function walkedIndex(plan: string): string | undefined {
  const lines = plan.split("\n");
  for (const [nth, line] of lines.entries()) {
    const index = /Index(?: Only)? Scan(?: Backward)? using (\S+) on (?!server|total)/.exec(line)?.[1];
    const isLed = /Index Cond/.test(lines[nth + 1] ?? "");
    const isBounded = /(?:Limit|LockRows)/.test(lines[nth - 1] ?? "");
    if (index !== undefined && !isLed && !isBounded) return index;
  }
  return undefined;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = Buffer.isBuffer(value) ? textArray(readTexts(value)) : String(value);
  return `'${text.replaceAll("'", "''")}'`;
}

/** A `text[]` in the binary format, in which EXECUTE takes nothing. */
function readTexts(array: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  for (let at = 20; at < array.length; ) {
    const bytes = array.readInt32BE(at);
    at += 4;
    values.push(bytes === -1 ? null : array.toString("utf8", at, at + bytes));
    at += Math.max(bytes, 0);
  }
  return values;
}

/** The pool, and what is sent through it. */
function listeningTo(pool: Pool): PostgresPool {
  return new Proxy(pool, {
    get(target, key) {
      if (key !== "connect") return bound(target, key);
      return async () => {
        const client = await target.connect();
        return new Proxy(client, {
          get: (inner, name) =>
            name === "query"
              ? (query: PostgresQuery) => {
                  if (query.name !== undefined && !query.text.startsWith("LOCK"))
                    sent.set(`${query.name.split(":")[0]}${batch}`, query);
                  return inner.query(query);
                }
              : bound(inner, name),
        });
      };
    },
  });
}

function bound(target: object, key: string | symbol): unknown {
  const member: unknown = Reflect.get(target, key, target);
  return typeof member === "function" ? member.bind(target) : member;
}
