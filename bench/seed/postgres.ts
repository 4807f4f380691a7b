import { Client } from "pg";
import { PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { type Tables, tablesOf } from "../../src/drivers/postgres/schema.ts";
import { STATE } from "../../src/drivers/shared/state-codes.ts";
import type { Amounts } from "./amounts.ts";
import { failedJob, KINDS } from "./failed-job.ts";

const RUN_MS = 5;
const DAY_MS = 86_400_000;
/** Finished in the last twenty hours: none is out of date by the default retention. */
const SPREAD_MS = 20 * 3_600_000;
const PROCESSING = `"state":"Processing","server":"default","incarnation":"default:1:0123456789ab"`;
const SUCCEEDED = `"state":"Succeeded","duration":${RUN_MS},"latency":1`;

/**
 * Fills a schema, made when it is missing, with jobs as real ones look. Ten million take a minute or two: they come in
 * two statements, and the indices of the history are built behind it. All or nothing.
 */
export async function seedPostgres(url: string, schema: string, amounts: Amounts): Promise<void> {
  const storage = new PostgresStorage(url, { schema });
  await storage.ready;
  await storage.close();
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `BEGIN; ${fill(tablesOf(schema), amounts)}; COMMIT; ANALYZE "${schema}".job, "${schema}".job_done`,
    );
  } finally {
    await client.end();
  }
}

function fill(t: Tables, { finished, failed, ready, scheduled }: Amounts): string {
  const first = Date.now() - SPREAD_MS;
  const created = `(${first} + g * ${SPREAD_MS - 60_000}::bigint / ${Math.max(finished, 1)})`;
  const waiting = `${first + SPREAD_MS} + g % 60000`;
  return `
  SET LOCAL maintenance_work_mem = '512MB';
  ALTER TABLE ${t.jobDone} DROP CONSTRAINT job_done_pkey;
  DROP INDEX ${t.schema}.job_done_state;
  INSERT INTO ${t.jobDone} (${COLUMNS})
    SELECT ${idOf(created)}, nextval('${t.jobSeq}'), c + 1 + ${RUN_MS}, c, NULL, 3, 0, 0, 0, 5, 0, 'default', 'noop', '[]',
      '${SUCCEEDED}', '{"at":' || c || E',"state":"Enqueued"}\\n{"at":' || c + 1 || E',${PROCESSING}}\\n'
    FROM generate_series(1, ${finished}) g, LATERAL (SELECT ${created} AS c) at;
  INSERT INTO ${t.jobDone} (${COLUMNS})
    SELECT ${idOf(waiting, 9)}, nextval('${t.jobSeq}'), c + 1 + ${RUN_MS}, c, NULL, 3, 1, 0, 0, ${STATE.Failed}, 0, k.queue, k.name,
      '[{"user":{"id":' || g % 1000 || '}},"de"]', k.entry,
      '{"at":' || c || E',"state":"Enqueued"}\\n{"at":' || c + 1 || E',${PROCESSING}}\\n'
    FROM generate_series(1, ${failed}) g, LATERAL (SELECT ${waiting} AS c) at,
      LATERAL (SELECT * FROM (VALUES ${kinds()}) AS k(kind, queue, name, entry) WHERE k.kind = g % ${KINDS}) k;
  ALTER TABLE ${t.jobDone} ADD PRIMARY KEY (id);
  CREATE INDEX job_done_state ON ${t.jobDone} (state, state_at, seq);
  INSERT INTO ${t.job} (${COLUMNS}, hold, blamed)
    SELECT ${idOf(waiting)}, nextval('${t.jobSeq}'), c, c, NULL, 1, 0, 0, 0, 1, 0, 'default', 'noop', '[]', '',
      '{"at":' || c || E',"state":"Enqueued"}\\n', 0, false
    FROM generate_series(1, ${ready}) g, LATERAL (SELECT ${waiting} AS c) at;
  INSERT INTO ${t.job} (${COLUMNS}, hold, blamed)
    SELECT ${idOf(waiting, 8)}, nextval('${t.jobSeq}'), c, c, c + ${DAY_MS} + g % ${DAY_MS}, 1, 0, 0, 0, 2, 0, 'default', 'noop', '[]',
      '"state":"Scheduled"', '', 1, false
    FROM generate_series(1, ${scheduled}) g, LATERAL (SELECT ${waiting} AS c) at;
  UPDATE ${t.total} SET succeeded = succeeded + ${finished}, failed = failed + ${failed}, enqueued = enqueued + ${ready},
    scheduled = scheduled + ${scheduled}`;
}

function kinds(): string {
  const rows = Array.from({ length: KINDS }, (_, kind) => ({ kind, ...failedJob(kind) }));
  return rows
    .map(
      ({ kind, queue, name, entry }) => `(${kind}, '${queue}', '${name}', '${entry.replaceAll("'", "''")}')`,
    )
    .join(", ");
}

const COLUMNS = `id, seq, state_at, created_at, due_at, fence, failures, crashes, rank, state, flags, queue, name, args,
    entry, history`;

/** As a client makes them (version 7), and without chance: rows of one kind never meet those of another. */
function idOf(at: string, kind = 0): string {
  return `(lpad(to_hex(${at}), 12, '0') || '7' || lpad(to_hex(g % 4096), 3, '0') || '8${kind}' || lpad(to_hex(g), 14, '0'))::uuid`;
}
