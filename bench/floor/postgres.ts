import { Client } from "pg";
import { MIGRATIONS, tablesOf } from "../../src/drivers/postgres/schema.ts";
import type { Floor } from "./floor.ts";
import { newId } from "./uuid.ts";

const INCARNATION = "floor:1:0123456789ab";
const PROCESSING = `"state":"Processing","server":"floor","incarnation":"${INCARNATION}"`;
const SUCCEEDED = `"state":"Succeeded","duration":0,"latency":1000`;
const NOW = "floor(date_part('epoch', clock_timestamp()) * 1000)::bigint";
const COUNT = `(hour, enqueued, scheduled, awaiting, processing, succeeded, failed, deleted, entered_succeeded,
  entered_failed, entered_deleted, retried)`;

/** The plain ways of the three statements, with the counters, over one connection. */
const textsOf = ({ job, jobDone, jobSeq, tally }: ReturnType<typeof tablesOf>) => ({
  insert: `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now),
  counted AS (INSERT INTO ${tally} ${COUNT} VALUES (0, cardinality($1::uuid[]), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
  INSERT INTO ${job} (id, seq, state_at, created_at, fence, failures, crashes, rank, state, flags, hold, blamed, queue,
    name, args, entry, history)
  SELECT i.id, nextval('${jobSeq}'), c.now, c.now, 1, 0, 0, 0, 1, 0, 0, false, 'default', 'noop', '[]', '',
    '{"at":' || c.now || E',"state":"Enqueued"}\\n'
  FROM unnest($1::uuid[]) AS i(id), clock c ON CONFLICT (id) DO NOTHING`,
  claim: `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now),
  picked AS MATERIALIZED (
    SELECT j.id FROM ${job} j WHERE j.state = 1 AND j.hold = 0 AND j.queue = 'default' AND (j.rank, j.seq) > (0, $3::bigint)
    ORDER BY j.rank, j.seq LIMIT $1 FOR UPDATE SKIP LOCKED
  ),
  counted AS (INSERT INTO ${tally} ${COUNT} SELECT 0, -count(*), 0, 0, count(*), 0, 0, 0, 0, 0, 0, 0 FROM picked)
  UPDATE ${job} j SET state = 4, state_at = c.now, entry = '${PROCESSING}', owner = $2, fence = j.fence + 1
  FROM picked p, clock c WHERE j.id = ANY (ARRAY[p.id])
  RETURNING j.id, j.fence, j.history, j.state_at, j.seq, j.name, j.args`,
  settle: `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now),
  held AS MATERIALIZED (
    SELECT c.id, c.past FROM unnest($1::uuid[], $2::integer[], $3::text[]) AS c(id, fence, past)
    CROSS JOIN LATERAL (SELECT FROM ${job} j WHERE j.id = c.id AND j.fence = c.fence FOR UPDATE SKIP LOCKED) j
  ),
  m AS (DELETE FROM ${job} j USING held h WHERE j.id = ANY (ARRAY[h.id]) RETURNING j.*, h.past),
  counted AS (INSERT INTO ${tally} ${COUNT} SELECT 0, 0, 0, 0, -count(*), count(*), 0, 0, count(*), 0, 0, 0 FROM m)
  INSERT INTO ${jobDone} (id, seq, state_at, created_at, fence, failures, crashes, rank, state, flags, queue, name, args,
    entry, history)
  SELECT m.id, m.seq, c.now, m.created_at, m.fence + 1, 0, 0, m.rank, 5, 0, m.queue, m.name, m.args, '${SUCCEEDED}', m.past
  FROM m, clock c`,
});

export async function openPostgresFloor(url: string, schema: string, settings: string): Promise<Floor> {
  const client = new Client({ connectionString: url, options: settings });
  await client.connect();
  const tables = tablesOf(schema);
  await client.query(`CREATE SCHEMA ${tables.schema}`);
  for (const migration of MIGRATIONS) await client.query(migration(tables));
  return new PostgresFloor(client, textsOf(tables), tables.schema);
}

class PostgresFloor implements Floor {
  readonly #client: Client;
  readonly #texts: ReturnType<typeof textsOf>;
  readonly #schema: string;
  #mark = 0;

  constructor(client: Client, texts: ReturnType<typeof textsOf>, schema: string) {
    this.#client = client;
    this.#texts = texts;
    this.#schema = schema;
  }

  async insert(count: number, batch: number): Promise<void> {
    for (let at = 0; at < count; at += batch) {
      const ids = Array.from({ length: Math.min(batch, count - at) }, () => hex(newId(Date.now())));
      await this.#client.query({ name: "insert", text: this.#texts.insert, values: [`{${ids.join(",")}}`] });
    }
  }

  async drain(limit: number, batch: number): Promise<number> {
    let drained = 0;
    while (drained < limit) {
      const rows = await this.#claim(Math.min(batch, limit - drained));
      if (rows.length === 0) break;
      await this.#settle(rows);
      drained += rows.length;
    }
    return drained;
  }

  async close(): Promise<void> {
    await this.#client.query(`DROP SCHEMA ${this.#schema} CASCADE`);
    await this.#client.end();
  }

  async #claim(batch: number): Promise<Claimed[]> {
    const values = [batch, INCARNATION, this.#mark];
    const { rows } = await this.#client.query<Claimed>({
      name: "claim",
      text: this.#texts.claim,
      values,
      rowMode: "array",
    });
    for (const row of rows) this.#mark = Math.max(this.#mark, Number(row[4]));
    return rows;
  }

  async #settle(rows: readonly Claimed[]): Promise<void> {
    const past = rows.map(([, , history, at]) => `${history}{"at":${at},${PROCESSING}}\n`);
    const texts = past.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`);
    const { rowCount } = await this.#client.query({
      name: "settle",
      text: this.#texts.settle,
      values: [
        `{${rows.map(([id]) => id).join(",")}}`,
        `{${rows.map(([, fence]) => fence).join(",")}}`,
        `{${texts.join(",")}}`,
      ],
    });
    if (rowCount !== rows.length) throw new Error("a claim of the floor was not its own");
  }
}

type Claimed = [
  id: string,
  fence: number,
  history: string,
  at: string,
  seq: string,
  name: string,
  args: string,
];

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}
