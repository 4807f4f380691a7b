/** Binary, and without padding: names are equal only when every byte is, a trailing space included. */
export type Collation = "utf8mb4_0900_bin" | "utf8mb4_nopad_bin";

/**
 * The tables, as migrations that are frozen once they have landed: later versions append, nothing is edited. MySQL ends
 * a transaction at each of these statements, so each can be sent again: a migration that a crash has cut off is run
 * anew from its first line, and a column that is there already is passed over.
 *
 * There are no partial indices. What has to be found for as long as it is of one kind stands under its state or under a
 * column that is NULL otherwise, so that finished jobs are in no stretch of an index that a claim walks.
 */
export const MIGRATIONS: readonly ((collation: Collation) => readonly string[])[] = [
  (collation) => {
    const table = `ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`;
    return [
      `CREATE TABLE IF NOT EXISTS firelater_job (
        id BINARY(16) NOT NULL,
        queue VARCHAR(255) NOT NULL,
        job_rank SMALLINT NOT NULL,
        seq BIGINT NOT NULL,
        state TINYINT NOT NULL,
        state_at BIGINT NOT NULL,
        entry LONGTEXT NOT NULL,
        hold TINYINT NOT NULL,
        created_at BIGINT NOT NULL,
        due_at BIGINT NULL,
        planned_at BIGINT NULL,
        name VARCHAR(255) NOT NULL,
        args LONGTEXT NOT NULL,
        display_name TEXT NULL,
        failures INT NOT NULL DEFAULT 0,
        crashes INT NOT NULL DEFAULT 0,
        blamed TINYINT NOT NULL DEFAULT 0,
        fence BIGINT NOT NULL DEFAULT 1,
        owner VARCHAR(255) NULL,
        flags INT NOT NULL DEFAULT 0,
        history LONGTEXT NOT NULL,
        parameters MEDIUMTEXT NULL,
        tags TEXT NULL,
        limit_key VARCHAR(255) NULL,
        limit_max INT NULL,
        limit_skip TINYINT NULL,
        parked VARCHAR(255) GENERATED ALWAYS AS (IF(hold = 3, name, NULL)) STORED,
        limit_hold TINYINT GENERATED ALWAYS AS (IF(limit_key IS NULL OR state NOT IN (1, 4), NULL, hold)) STORED,
        PRIMARY KEY (id),
        KEY enqueued (state, hold, queue, job_rank, seq),
        KEY due (hold, due_at, seq),
        KEY parked (parked, queue, job_rank, seq),
        KEY owner (owner),
        KEY by_state (state, state_at),
        KEY by_limit (limit_key, limit_hold, job_rank, seq)
      ) ${table}`,

      // A gate has the id of the job that waits behind it.
      `CREATE TABLE IF NOT EXISTS firelater_gate (
        id BINARY(16) NOT NULL PRIMARY KEY,
        open_parents INT NOT NULL,
        wanted TINYINT NOT NULL
      ) ${table}`,
      // `tied` is the parent's fence when the edge was made: it tells which of its endings resolves this edge.
      `CREATE TABLE IF NOT EXISTS firelater_edge (
        gate BINARY(16) NOT NULL,
        position SMALLINT NOT NULL,
        parent BINARY(16) NOT NULL,
        tied BIGINT NOT NULL,
        resolved TINYINT NOT NULL,
        PRIMARY KEY (gate, position),
        KEY parent (parent, resolved, tied, gate)
      ) ${table}`,
      `CREATE TABLE IF NOT EXISTS firelater_release (
        num BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        kind VARCHAR(10) NOT NULL,
        id VARBINARY(1020) NOT NULL,
        fence BIGINT NOT NULL,
        state TINYINT NOT NULL,
        wanted TINYINT NOT NULL,
        KEY id (id, fence)
      ) ${table}`,
      // One row for each key in use: whoever lets jobs of a key in holds its lock.
      `CREATE TABLE IF NOT EXISTS firelater_limit (limit_key VARCHAR(255) NOT NULL PRIMARY KEY) ${table}`,

      `CREATE TABLE IF NOT EXISTS firelater_log (
        num BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        job BINARY(16) NOT NULL,
        at BIGINT NOT NULL,
        attempt INT NOT NULL,
        line LONGTEXT NOT NULL,
        data LONGTEXT NULL,
        chars INT NOT NULL,
        KEY job (job, num)
      ) ${table}`,
      `CREATE TABLE IF NOT EXISTS firelater_appendix (
        job BINARY(16) NOT NULL PRIMARY KEY,
        log_lines INT NOT NULL DEFAULT 0,
        log_chars BIGINT NOT NULL DEFAULT 0,
        progress_at BIGINT NULL,
        progress_attempt INT NULL,
        progress_value DOUBLE NULL,
        progress_text LONGTEXT NULL
      ) ${table}`,

      `CREATE TABLE IF NOT EXISTS firelater_server (
        incarnation VARCHAR(255) NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        host TEXT NOT NULL,
        pid BIGINT NOT NULL,
        pid_started_at TEXT NOT NULL,
        queues LONGTEXT NOT NULL,
        worker_count INT NOT NULL,
        timeout_ms BIGINT NOT NULL,
        started_at BIGINT NOT NULL,
        renewed_at BIGINT NOT NULL,
        steady_since BIGINT NOT NULL
      ) ${table}`,
      `CREATE TABLE IF NOT EXISTS firelater_recurring (
        id VARCHAR(255) NOT NULL PRIMARY KEY,
        version BIGINT NOT NULL,
        next_at BIGINT NULL,
        created_at BIGINT NOT NULL,
        definition LONGTEXT NOT NULL,
        status LONGTEXT NOT NULL,
        KEY next (next_at)
      ) ${table}`,

      // What each write has moved, until it is folded into the totals. Its number is the write's tick (see sequence.ts).
      `CREATE TABLE IF NOT EXISTS firelater_change (
        tick BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        at BIGINT NOT NULL,
        origin INT UNSIGNED NOT NULL,
        enqueued INT NOT NULL DEFAULT 0,
        scheduled INT NOT NULL DEFAULT 0,
        awaiting INT NOT NULL DEFAULT 0,
        processing INT NOT NULL DEFAULT 0,
        succeeded INT NOT NULL DEFAULT 0,
        failed INT NOT NULL DEFAULT 0,
        deleted INT NOT NULL DEFAULT 0,
        to_succeeded INT NOT NULL DEFAULT 0,
        to_failed INT NOT NULL DEFAULT 0,
        to_deleted INT NOT NULL DEFAULT 0,
        retried INT NOT NULL DEFAULT 0
      ) ${table}`,
      `CREATE TABLE IF NOT EXISTS firelater_total (
        id TINYINT NOT NULL PRIMARY KEY,
        enqueued BIGINT NOT NULL DEFAULT 0,
        scheduled BIGINT NOT NULL DEFAULT 0,
        awaiting BIGINT NOT NULL DEFAULT 0,
        processing BIGINT NOT NULL DEFAULT 0,
        succeeded BIGINT NOT NULL DEFAULT 0,
        failed BIGINT NOT NULL DEFAULT 0,
        deleted BIGINT NOT NULL DEFAULT 0
      ) ${table}`,
      "INSERT IGNORE INTO firelater_total (id) VALUES (1)",
      `CREATE TABLE IF NOT EXISTS firelater_statistic (
        at BIGINT NOT NULL PRIMARY KEY,
        to_succeeded BIGINT NOT NULL,
        to_failed BIGINT NOT NULL,
        to_deleted BIGINT NOT NULL,
        retried BIGINT NOT NULL
      ) ${table}`,
    ];
  },
  (collation) => {
    const table = `ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`;
    return [
      `CREATE TABLE IF NOT EXISTS firelater_pause (
        queue VARCHAR(255) NOT NULL PRIMARY KEY,
        at BIGINT NOT NULL,
        note TEXT NOT NULL
      ) ${table}`,
      `CREATE TABLE IF NOT EXISTS firelater_document (
        kind VARCHAR(40) NOT NULL,
        id VARCHAR(255) NOT NULL,
        version BIGINT NOT NULL,
        at BIGINT NOT NULL,
        text MEDIUMTEXT NOT NULL,
        PRIMARY KEY (kind, id)
      ) ${table}`,
      "ALTER TABLE firelater_server ADD COLUMN vitals TEXT NULL, ADD COLUMN command VARCHAR(20) NULL",
    ];
  },
];
