import { FirelaterError } from "../../base/error.ts";

/** The schema name is not a place for secrets, quotes or surprises: letters, digits and `_`, as SQL has them unquoted. */
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,39}$/;

/** The name of the schema is no identifier that PostgreSQL keeps as it is (`FL_INVALID_SCHEMA`). */
export class InvalidSchemaError extends FirelaterError {}

/** The names of everything Firelater has in a database, quoted. The only text that is ever put into a statement. */
export interface Tables {
  readonly schema: string;
  /** Enqueued, Scheduled, Awaiting, Processing: small, however much has finished. */
  readonly job: string;
  /** Succeeded, Failed, Deleted. A job is in one of the two, in every snapshot. */
  readonly jobDone: string;
  readonly jobSeq: string;
  readonly gate: string;
  readonly edge: string;
  readonly release: string;
  /** Deltas of the counters, one row a write, until they are folded. */
  readonly tally: string;
  /** The counters as far as deltas are folded: one row. */
  readonly total: string;
  readonly statistic: string;
  readonly log: string;
  readonly appendix: string;
  readonly recurring: string;
  readonly pause: string;
  readonly document: string;
  readonly server: string;
  readonly meta: string;
  readonly refuseFinished: string;
}

export function tablesOf(schema: string): Tables {
  if (!SCHEMA_NAME.test(schema)) {
    throw new InvalidSchemaError({
      code: "FL_INVALID_SCHEMA",
      what: `Cannot use ${JSON.stringify(schema)} as a schema name.`,
      mend: "Use up to 40 lower-case letters, digits and _, not starting with a digit.",
    });
  }
  const at = (name: string) => `"${schema}".${name}`;
  return {
    schema: `"${schema}"`,
    job: at("job"),
    jobDone: at("job_done"),
    jobSeq: at("job_seq"),
    gate: at("gate"),
    edge: at("edge"),
    release: at("release"),
    tally: at("tally"),
    total: at("total"),
    statistic: at("statistic"),
    log: at("log"),
    appendix: at("appendix"),
    recurring: at("recurring"),
    pause: at("pause"),
    document: at("document"),
    server: at("server"),
    meta: at("meta"),
    refuseFinished: at("refuse_finished"),
  };
}

/** Migrations in order, each frozen once it has landed: later versions append, nothing is edited. */
export const MIGRATIONS: readonly ((t: Tables) => string)[] = [firstTables, adminTables];

function firstTables(t: Tables): string {
  const columns = `
    id uuid PRIMARY KEY,
    seq bigint NOT NULL,
    state_at bigint NOT NULL,
    created_at bigint NOT NULL,
    due_at bigint,
    planned_at bigint,
    fence integer NOT NULL,
    failures integer NOT NULL,
    crashes integer NOT NULL,
    rank smallint NOT NULL,
    state smallint NOT NULL,
    flags smallint NOT NULL,
    limit_max smallint,
    limit_skip boolean,`;
  const texts = `
    queue text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    args text NOT NULL,
    display_name text,
    entry text NOT NULL,
    history text NOT NULL,
    parameters text,
    tags text,
    limit_key text COLLATE "C"`;
  return `
  CREATE SEQUENCE ${t.jobSeq};

  -- Fixed-width columns first: no padding between them. A commit moves a finished job to job_done, so that new rows do
  -- not land in the gaps of old pages and neither table's indices grow with the other's rows.
  CREATE TABLE ${t.job} (${columns}
    hold smallint NOT NULL,
    blamed boolean NOT NULL,${texts},
    owner text COLLATE "C"
  ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.05);
  CREATE INDEX job_ready ON ${t.job} (queue, rank, seq) WHERE state = 1 AND hold = 0;
  CREATE INDEX job_due ON ${t.job} (due_at, seq) WHERE hold = 1;
  CREATE INDEX job_owner ON ${t.job} (owner) WHERE state = 4;
  CREATE INDEX job_awaiting ON ${t.job} (state_at, seq) WHERE state = 3;
  -- Parked jobs by what a server asks for, and those in no ready set as they are listed.
  CREATE INDEX job_parked ON ${t.job} (name, queue, rank, seq) WHERE hold = 3;
  CREATE INDEX job_aside ON ${t.job} (hold, queue, rank, seq) WHERE hold IN (3, 4);
  -- Jobs of a key that are on their way (hold 0 and 3), which are counted, and those that wait for a permit (hold 4).
  CREATE INDEX job_limit ON ${t.job} (limit_key, hold, rank, seq) WHERE limit_key IS NOT NULL AND state IN (1, 4);

  CREATE TABLE ${t.jobDone} (${columns}${texts}
  );
  -- seq breaks ties, not id: on a table that was empty when a look by id was planned, an index that holds the id in a
  -- later column is as cheap as the primary key, and that plan would walk all of it once there are millions.
  CREATE INDEX job_done_state ON ${t.jobDone} (state, state_at, seq);

  -- A gate has the id of the job that waits behind it. outcome: 0 until it opens (5) or breaks (7).
  CREATE TABLE ${t.gate} (
    id uuid PRIMARY KEY,
    open integer NOT NULL,
    outcome smallint NOT NULL DEFAULT 0,
    condition smallint NOT NULL
  );
  CREATE TABLE ${t.edge} (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gate uuid NOT NULL,
    parent uuid NOT NULL,
    position integer NOT NULL,
    resolved boolean NOT NULL
  );
  CREATE UNIQUE INDEX edge_gate ON ${t.edge} (gate, position);
  CREATE INDEX edge_parent ON ${t.edge} (parent, key) WHERE NOT resolved;
  -- Who may still ask for a parent's result: edges outlive their gate.
  CREATE INDEX edge_child ON ${t.edge} (parent, gate);
  -- Work that a write left behind. A record speaks for one ending of a parent: for the edges after one key, up to another.
  CREATE TABLE ${t.release} (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    id uuid,
    outcome smallint NOT NULL,
    after bigint NOT NULL,
    upto bigint NOT NULL,
    limit_key text
  );
  CREATE INDEX release_id ON ${t.release} (id);

  -- Counters are deltas that each write appends, folded in passing: one row that every commit updates would make all
  -- committers wait for each other.
  CREATE TABLE ${t.tally} (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hour bigint NOT NULL,
    enqueued integer NOT NULL,
    scheduled integer NOT NULL,
    awaiting integer NOT NULL,
    processing integer NOT NULL,
    succeeded integer NOT NULL,
    failed integer NOT NULL,
    deleted integer NOT NULL,
    entered_succeeded integer NOT NULL,
    entered_failed integer NOT NULL,
    entered_deleted integer NOT NULL,
    retried integer NOT NULL
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_insert_threshold = -1);
  CREATE TABLE ${t.total} (
    one boolean PRIMARY KEY CHECK (one),
    enqueued bigint NOT NULL,
    scheduled bigint NOT NULL,
    awaiting bigint NOT NULL,
    processing bigint NOT NULL,
    succeeded bigint NOT NULL,
    failed bigint NOT NULL,
    deleted bigint NOT NULL
  ) WITH (fillfactor = 50);
  INSERT INTO ${t.total} VALUES (true, 0, 0, 0, 0, 0, 0, 0);
  CREATE TABLE ${t.statistic} (
    at bigint PRIMARY KEY,
    succeeded bigint NOT NULL,
    failed bigint NOT NULL,
    deleted bigint NOT NULL,
    retried bigint NOT NULL
  ) WITH (fillfactor = 50);

  CREATE TABLE ${t.log} (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job uuid NOT NULL,
    at bigint NOT NULL,
    attempt integer NOT NULL,
    chars integer NOT NULL,
    text text NOT NULL,
    data text
  );
  CREATE INDEX log_job ON ${t.log} (job, key);
  CREATE TABLE ${t.appendix} (
    job uuid PRIMARY KEY,
    lines integer NOT NULL,
    chars bigint NOT NULL,
    progress_at bigint,
    progress_attempt integer,
    progress_value double precision,
    progress_text text
  );

  CREATE TABLE ${t.recurring} (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    next_at bigint,
    created_at bigint NOT NULL,
    definition text NOT NULL,
    status text NOT NULL
  );
  CREATE INDEX recurring_next ON ${t.recurring} (next_at, id) WHERE next_at IS NOT NULL;

  CREATE TABLE ${t.server} (
    incarnation text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    pid_started_at text NOT NULL,
    queues text[] NOT NULL,
    worker_count integer NOT NULL,
    timeout_ms bigint NOT NULL,
    started_at bigint NOT NULL,
    renewed_at bigint NOT NULL,
    steady_since bigint NOT NULL
  ) WITH (fillfactor = 50);

  -- An insert sees the jobs as they were when it began. While it waited for a neighbour, a job of the same id may have
  -- been stored, run and moved to job_done: free in job, unseen in job_done. A volatile function looks with new eyes;
  -- what it raises is a serialization failure, for which the driver tries the whole call again.
  CREATE FUNCTION ${t.refuseFinished}(ids uuid[]) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    IF EXISTS (SELECT FROM ${t.jobDone} WHERE id = ANY (ids)) THEN
      RAISE EXCEPTION 'an id was finished while it was inserted again' USING ERRCODE = '40001';
    END IF;
    RETURN true;
  END $$;
  `;
}

function adminTables(t: Tables): string {
  return `
  CREATE TABLE ${t.pause} (
    queue text COLLATE "C" PRIMARY KEY,
    at bigint NOT NULL,
    note text NOT NULL
  );
  CREATE TABLE ${t.document} (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    at bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (kind, id)
  );
  ALTER TABLE ${t.server} ADD COLUMN vitals text, ADD COLUMN command text;
  `;
}
