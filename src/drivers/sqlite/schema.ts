/**
 * The tables, as migrations that are frozen once they have landed: later versions append, nothing is edited.
 *
 * Names carry a prefix because the file may be the application's own. One table holds jobs of all states: a split into
 * hot and cold tables is slower on SQLite (54 k against 80 k jobs/s drained), its b-trees have no dead rows to avoid.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE firelater_job (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    queue TEXT NOT NULL,
    rank INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    state INTEGER NOT NULL,
    state_at INTEGER NOT NULL,
    entry TEXT NOT NULL,
    hold INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER,
    name TEXT NOT NULL,
    args TEXT NOT NULL,
    display_name TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0,
    blamed INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 1,
    owner TEXT,
    flags INTEGER NOT NULL DEFAULT 0,
    gate BLOB,
    history TEXT NOT NULL
  ) STRICT;
  -- Partial indices: a job costs index writes only for what it is now. Finished jobs stand in one, ready jobs in one.
  CREATE INDEX firelater_job_enqueued ON firelater_job (hold, queue, rank, seq) WHERE state = 1;
  CREATE INDEX firelater_job_due ON firelater_job (due_at, key) WHERE hold = 1;
  CREATE INDEX firelater_job_parked ON firelater_job (name, queue, rank, seq) WHERE hold = 3;
  CREATE INDEX firelater_job_owner ON firelater_job (owner) WHERE state = 4;
  CREATE INDEX firelater_job_gate ON firelater_job (gate, hold, seq) WHERE gate IS NOT NULL;
  -- One for each state: SQLite proves that a partial index serves a query only when their terms are the same.
  CREATE INDEX firelater_job_awaiting ON firelater_job (state_at, key) WHERE state = 3;
  CREATE INDEX firelater_job_succeeded ON firelater_job (state_at, key) WHERE state = 5;
  CREATE INDEX firelater_job_failed ON firelater_job (state_at, key) WHERE state = 6;
  CREATE INDEX firelater_job_deleted ON firelater_job (state_at, key) WHERE state = 7;

  CREATE TABLE firelater_gate (id BLOB PRIMARY KEY, open INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE firelater_edge (
    gate BLOB NOT NULL,
    position INTEGER NOT NULL,
    parent BLOB NOT NULL,
    tied INTEGER NOT NULL, -- the parent's fence then: tells which of its endings resolves this edge
    resolved INTEGER NOT NULL,
    PRIMARY KEY (gate, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX firelater_edge_parent ON firelater_edge (parent, resolved, tied, gate);
  CREATE TABLE firelater_release (
    key INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    fence INTEGER NOT NULL,
    state INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX firelater_release_id ON firelater_release (id, fence);

  CREATE TABLE firelater_log (
    key INTEGER PRIMARY KEY,
    job BLOB NOT NULL,
    at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    text TEXT NOT NULL,
    data TEXT
  ) STRICT;
  CREATE INDEX firelater_log_job ON firelater_log (job, key);
  CREATE TABLE firelater_appendix (
    job BLOB PRIMARY KEY,
    lines INTEGER NOT NULL DEFAULT 0,
    progress_at INTEGER,
    progress_attempt INTEGER,
    progress_value REAL,
    progress_text TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE firelater_server (
    incarnation TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    pid_started_at TEXT NOT NULL,
    queues TEXT NOT NULL,
    worker_count INTEGER NOT NULL,
    timeout_ms INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    steady_since INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE firelater_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO firelater_counter (name, value)
    VALUES ('seq', 0), ('1', 0), ('2', 0), ('3', 0), ('4', 0), ('5', 0), ('6', 0), ('7', 0);
  `,
  `
  ALTER TABLE firelater_job ADD COLUMN planned_at INTEGER;
  -- Until now a retry moved the only time there was: of jobs that were retried the first one is lost.
  UPDATE firelater_job SET planned_at = due_at WHERE due_at IS NOT NULL;
  `,
  `
  CREATE TABLE firelater_recurring (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    next_at INTEGER,
    created_at INTEGER NOT NULL,
    definition TEXT NOT NULL,
    status TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX firelater_recurring_next ON firelater_recurring (next_at, id) WHERE next_at IS NOT NULL;
  `,
  `
  ALTER TABLE firelater_job ADD COLUMN parameters TEXT;
  -- JSON of what the job was made with: tags and limit.
  ALTER TABLE firelater_job ADD COLUMN attached TEXT;
  -- Of a job with a limit: '+' and the key while it is on its way, '-' and the key while it waits for a permit.
  ALTER TABLE firelater_job ADD COLUMN permit TEXT;
  CREATE INDEX firelater_job_permit ON firelater_job (permit, rank, seq) WHERE permit IS NOT NULL;

  -- Gates that wait already wait for success.
  ALTER TABLE firelater_gate ADD COLUMN condition INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE firelater_release ADD COLUMN condition INTEGER NOT NULL DEFAULT 0;

  ALTER TABLE firelater_log ADD COLUMN chars INTEGER NOT NULL DEFAULT 0;
  UPDATE firelater_log SET chars = length(text) + ifnull(length(data), 0);
  ALTER TABLE firelater_appendix ADD COLUMN chars INTEGER NOT NULL DEFAULT 0;
  UPDATE firelater_appendix SET chars =
    (SELECT ifnull(sum(line.chars), 0) FROM firelater_log AS line WHERE line.job = firelater_appendix.job);

  -- How often a state was entered in the hour that began then. Hours that are over move to a table of their own.
  ALTER TABLE firelater_counter ADD COLUMN hour INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE firelater_counter ADD COLUMN entered INTEGER NOT NULL DEFAULT 0;
  INSERT INTO firelater_counter (name, value) VALUES ('retried', 0);
  CREATE TABLE firelater_statistic (
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, name)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE firelater_pause (queue TEXT PRIMARY KEY, at INTEGER NOT NULL, note TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE firelater_document (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT;
  ALTER TABLE firelater_server ADD COLUMN vitals TEXT;
  ALTER TABLE firelater_server ADD COLUMN command TEXT;
  `,
];
