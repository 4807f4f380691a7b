import assert from "node:assert/strict";
import { Pool } from "pg";
import { describe, expect, test } from "vitest";
import { type PostgresPool, type PostgresQuery, PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { setUp } from "../../src/testing/contract/setup.ts";
import { beginTransaction, newCaller } from "../postgres-callers.ts";
import { dropSchema, isReachable, newSchema, onPostgres, POSTGRES_URL } from "../postgres-schema.ts";
import { callWithin } from "./postgres-every-verb.ts";

/** Reads that grow with a table. The servers are few, and the totals are one row, as a sequence is. */
const GROWS = /Seq Scan on (?!server|total|edge_key_seq)/;
const PATIENCE_MS = 120_000;

/** On connections that are not ours, with the settings of the server, statements are planned each time they are sent. */
describe.skipIf(!(await isReachable()))("plans of callers' transactions", () => {
  test(
    "no statement, and none that works off what they have left, reads a table from end to end",
    async () => {
      const schema = newSchema();
      const sent = await callAll(schema);
      expect(sent.length).toBeGreaterThan(30);
      try {
        await onPostgres(fill(schema));
        assert.deepEqual(await complaints(sent), []);
        for (const table of ["job", "job_done", "edge", "gate", "release"])
          await onPostgres(`ANALYZE "${schema}".${table}`);
        assert.deepEqual(await complaints(sent), []);
      } finally {
        await dropSchema(schema);
      }
    },
    PATIENCE_MS,
  );
});

/** What is sent, on a connection of a caller's and by the storage. */
async function callAll(schema: string): Promise<PostgresQuery[]> {
  const sent = new Map<string, PostgresQuery>();
  const pool = new Pool({ connectionString: POSTGRES_URL });
  const storage = new PostgresStorage({ pool: listeningTo(pool, sent) }, { schema });
  const client = await newCaller();
  const listening = {
    query: <R extends unknown[]>(query: PostgresQuery) => {
      // A stranger's connection may have the name already, or be another one in the next transaction.
      assert.equal(query.name, undefined);
      sent.set(query.text, query);
      return client.query<R>(query);
    },
  };
  const begin = () => beginTransaction(storage, client, "BEGIN", listening);
  await storage.ready;
  sent.clear();
  await callWithin(setUp({ storage, begin, another: async () => storage, dispose: async () => {} }));
  await client.end();
  await storage.close();
  await pool.end();
  return [...sent.values()].filter(({ text }) => /^\s*(WITH|SELECT|INSERT|UPDATE|DELETE)/.test(text));
}

function listeningTo(pool: Pool, sent: Map<string, PostgresQuery>): PostgresPool {
  return {
    on: (event, listener) => pool.on(event, listener),
    removeListener: (event, listener) => pool.removeListener(event, listener),
    async connect() {
      const client = await pool.connect();
      return new Proxy(client, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key, target);
          if (typeof member !== "function") return member;
          return (...given: PostgresQuery[]) => {
            if (key === "query" && given[0] !== undefined) sent.set(given[0].text, given[0]);
            return Reflect.apply(member, target, given);
          };
        },
      });
    },
  };
}

async function complaints(sent: readonly PostgresQuery[]): Promise<string[]> {
  const client = await newCaller();
  const found: string[] = [];
  for (const { text, values = [] } of sent) {
    const { rows } = await client.query<[string]>({
      text: `EXPLAIN (COSTS OFF) ${text}`,
      values: [...values],
      rowMode: "array",
    });
    const plan = rows.map(([line]) => line).join("\n");
    if (GROWS.test(plan)) found.push(`${text}\n${plan}`);
  }
  await client.end();
  return found;
}

/** Large enough for a walk through a table to lose, small enough for a test. */
function fill(schema: string): string {
  const columns = `id, seq, state_at, created_at, fence, failures, crashes, rank, state, flags, queue, name, args,
    entry, history`;
  const values = (state: number) =>
    `gen_random_uuid(), g, g, g, 1, 0, 0, 0, ${state}, 0, 'default', 'noop', '[]', '', ''`;
  return `
    INSERT INTO "${schema}".job (${columns}, hold, blamed)
      SELECT ${values(1)}, 0, false FROM generate_series(1, 50000) g;
    INSERT INTO "${schema}".job_done (${columns}) SELECT ${values(5)} FROM generate_series(1, 50000) g;
    INSERT INTO "${schema}".edge (gate, parent, position, resolved)
      SELECT gen_random_uuid(), gen_random_uuid(), 0, true FROM generate_series(1, 20000) g;
    INSERT INTO "${schema}".gate (id, open, condition)
      SELECT gen_random_uuid(), 1, 0 FROM generate_series(1, 20000) g;
    INSERT INTO "${schema}".release (kind, id, outcome, after, upto)
      SELECT 'parent', gen_random_uuid(), 5, 0, g FROM generate_series(1, 20000) g`;
}
