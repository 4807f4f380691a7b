import assert from "node:assert/strict";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SETTINGS } from "../../src/drivers/postgres/connection.ts";
import { type PostgresPool, type PostgresQuery, PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { setUp } from "../../src/testing/contract/setup.ts";
import { beginTransaction, newCaller } from "../postgres-callers.ts";
import { dropSchema, isReachable, newSchema, POSTGRES_URL } from "../postgres-schema.ts";
import { callEveryVerb, callWithin } from "./postgres-every-verb.ts";

const schema = newSchema();
/** Every statement that the driver sends while each verb is called: the real texts and values, none forgotten. */
const sent = new Map<string, PostgresQuery>();
/** Those of them that are sent on connections of callers, whose settings are none of ours. */
const within = new Map<string, PostgresQuery>();

/** These sort what they were given: a few rows, never a table. */
const MAY_SORT =
  /^(insert|give-back|blame|hold-claims|change-recurring|remove-recurring|lock-keys|expire|parents|adopt|recover|statistics|fold|list-processing|held|servers|out-of-date|delete-waiters|release)/;

describe.skipIf(!(await isReachable()))("plans", () => {
  let client: Client;

  beforeAll(async () => {
    const pool = new Pool({ connectionString: POSTGRES_URL, options: SETTINGS });
    const storage = new PostgresStorage({ pool: listeningTo(pool) }, { schema });
    await callEveryVerb(storage);
    await callWithinCallers(storage);
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
    await explainWithin();
  });

  test("on large tables, analysed", async () => {
    await client.query("ANALYZE");
    await explainAll();
    await explainWithin();
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
    await explainThese(client, sent, ["force_generic_plan", "force_custom_plan"]);
  }

  /** As a caller's connection plans them: each anew, with the settings of the server. */
  async function explainWithin(): Promise<void> {
    const caller = await newCaller();
    await explainThese(caller, within, ["force_custom_plan"]).finally(() => caller.end());
  }

  async function explainThese(
    on: Client,
    queries: ReadonlyMap<string, PostgresQuery>,
    modes: readonly string[],
  ): Promise<void> {
    const problems: string[] = [];
    for (const [name, query] of queries) {
      for (const mode of modes) {
        const plan = await explain(on, query, mode);
        const complaint = complaintAbout(name, plan);
        if (complaint !== undefined) problems.push(`${name} (${mode}): ${complaint}\n${plan}`);
      }
    }
    assert.deepEqual(problems, []);
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
      INSERT INTO "${schema}".release (kind, id, outcome, after, upto)
        SELECT 'parent', gen_random_uuid(), 5, 0, g FROM generate_series(1, 20000) g;
    `);
  }
});

function complaintAbout(name: string, plan: string): string | undefined {
  // The servers are few, and the totals are one row, as a sequence is.
  if (/Seq Scan on (?!server|total|edge_key_seq)/.test(plan)) return "it scans a table";
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

/** The same of statements that callers' transactions send: unnamed, so those of the same text give them names. */
async function callWithinCallers(storage: PostgresStorage): Promise<void> {
  const names = new Map([...sent].map(([name, { text }]) => [text, name]));
  const client = await newCaller();
  const listening = {
    query: <R extends unknown[]>(query: PostgresQuery) => {
      // A stranger's connection may have the name already, or be another one in the next transaction.
      expect(query.name).toBeUndefined();
      const name = names.get(query.text) ?? `within: ${query.text.trim()}`;
      within.set(name, query);
      sent.set(name, query);
      return client.query<R>(query);
    },
  };
  const begin = () => beginTransaction(storage, client, "BEGIN", listening);
  await callWithin(setUp({ storage, begin, another: async () => storage, dispose: async () => {} }));
  await client.end();
  expect(within.size).toBeGreaterThan(10);
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
