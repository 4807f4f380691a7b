import assert from "node:assert/strict";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SETTINGS } from "../../src/drivers/postgres/connection.ts";
import { type PostgresPool, type PostgresQuery, PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { dropSchema, isReachable, newSchema, POSTGRES_URL } from "../postgres-schema.ts";
import { callEveryVerb } from "./postgres-every-verb.ts";

const schema = newSchema();
/** Every statement that the driver sends while each verb is called: the real texts and values, none forgotten. */
const sent = new Map<string, PostgresQuery>();

/** These sort what they were given: a few rows, never a table. */
const MAY_SORT =
  /^(insert|give-back|blame|hold-claims|change-recurring|remove-recurring|lock-keys|expire|parents|adopt|recover|statistics|fold|list-processing|held|servers|out-of-date|delete-waiters|release)/;

describe.skipIf(!(await isReachable()))("plans", () => {
  let client: Client;

  beforeAll(async () => {
    const pool = new Pool({ connectionString: POSTGRES_URL, options: SETTINGS });
    const storage = new PostgresStorage({ pool: listeningTo(pool) }, { schema });
    await callEveryVerb(storage);
    await storage.close();
    await pool.end();
    client = new Client({ connectionString: POSTGRES_URL, options: SETTINGS });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await dropSchema(schema);
  });

  test("every statement was met", () => {
    expect(sent.size).toBeGreaterThan(60);
  });

  test("on tables that were just made", async () => {
    await client.query(`TRUNCATE "${schema}".job, "${schema}".job_done, "${schema}".edge, "${schema}".gate`);
    await explainAll();
  });

  test("on large tables that nobody has analysed yet", async () => {
    await fill();
    await explainAll();
  });

  test("on large tables, analysed", async () => {
    await client.query("ANALYZE");
    await explainAll();
  });

  test("on tables that were full, are empty and analysed", async () => {
    const tables = [
      "job",
      "job_done",
      "edge",
      "gate",
      "recurring",
      "release",
      "log",
      "appendix",
      "tally",
      "server",
    ];
    for (const table of tables) await client.query(`DELETE FROM "${schema}".${table}`);
    await client.query("ANALYZE");
    await explainAll();
  });

  async function explainAll(): Promise<void> {
    const problems: string[] = [];
    for (const [name, query] of sent) {
      for (const mode of ["force_generic_plan", "force_custom_plan"]) {
        const plan = await explain(query, mode);
        const complaint = complaintAbout(name, plan);
        if (complaint !== undefined) problems.push(`${name} (${mode}): ${complaint}\n${plan}`);
      }
    }
    assert.deepEqual(problems, []);
  }

  async function explain({ text, values = [] }: PostgresQuery, mode: string): Promise<string> {
    await client.query(`SET plan_cache_mode = ${mode}`);
    await client.query(`PREPARE looked AS ${text}`);
    try {
      const given = values.map(literal).join(", ");
      const { rows } = await client.query<[string]>({
        text: `EXPLAIN (COSTS OFF) EXECUTE looked${given === "" ? "" : `(${given})`}`,
        rowMode: "array",
      });
      return rows.map(([line]) => line).join("\n");
    } finally {
      await client.query("DEALLOCATE looked");
    }
  }

  /** Large enough for any plan that grows with a table to lose, small enough for a test. */
  async function fill(): Promise<void> {
    const columns = `id, seq, state_at, created_at, fence, failures, crashes, rank, state, flags, queue, name, args, entry,
      history`;
    const values = (state: string) =>
      `gen_random_uuid(), g, g, g, 1, 0, 0, 0, ${state}, 0, 'default', 'noop', '[]', '', ''`;
    await client.query(`
      INSERT INTO "${schema}".job (${columns}, hold, blamed)
        SELECT ${values("1")}, 0, false FROM generate_series(1, 100000) g;
      INSERT INTO "${schema}".job (${columns}, hold, blamed, due_at)
        SELECT ${values("2")}, 1, false, g FROM generate_series(1, 20000) g;
      INSERT INTO "${schema}".job_done (${columns})
        SELECT ${values("5")} FROM generate_series(1, 100000) g;
      INSERT INTO "${schema}".edge (gate, parent, position, resolved)
        SELECT gen_random_uuid(), gen_random_uuid(), 0, true FROM generate_series(1, 50000) g;
    `);
  }
});

function complaintAbout(name: string, plan: string): string | undefined {
  // The servers are few, and the totals are one row.
  if (/Seq Scan on (?!server|total)/.test(plan)) return "it scans a table";
  const walked = walkedIndex(plan);
  // The jobs that are running, in an order that no index has: the index of all of them is what there is to walk.
  if (walked !== undefined && name !== "list-processing") return `it walks the whole of ${walked}`;
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
  return `'${String(value).replaceAll("'", "''")}'`;
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
                  if (query.name !== undefined) sent.set(query.name.split(":")[0] ?? "", query);
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
