/**
 * @param {string} file
 * @param {"better-sqlite3" | "node:sqlite"} [driver]
 * @returns {Promise<import("plainjob").Connection>}
 */
export async function connect(file, driver = "better-sqlite3") {
  if (driver === "better-sqlite3") {
    const { default: Database } = await import("better-sqlite3");
    const { better } = await import("plainjob");
    return better(new Database(file));
  }
  const { DatabaseSync } = await import("node:sqlite");
  return overNodeSqlite(new DatabaseSync(file), file);
}

/**
 * plainjob takes any object of its `Connection` type.
 *
 * @param {import("node:sqlite").DatabaseSync} db
 * @param {string} filename
 * @returns {import("plainjob").Connection}
 */
function overNodeSqlite(db, filename) {
  /** @param {Function} body */
  const within = (body) => {
    /** @param {string} begin */
    const run =
      (begin) =>
      (/** @type {unknown[]} */ ...args) => {
        db.exec(begin);
        try {
          const value = body(...args);
          db.exec("COMMIT");
          return value;
        } catch (error) {
          db.exec("ROLLBACK");
          throw error;
        }
      };
    return Object.assign(run("BEGIN"), { immediate: run("BEGIN IMMEDIATE") });
  };
  return /** @type {import("plainjob").Connection} */ (
    /** @type {unknown} */ ({
      driver: "better-sqlite3",
      filename,
      pragma: (/** @type {string} */ text) => db.exec(`PRAGMA ${text}`),
      exec: (/** @type {string} */ text) => db.exec(text),
      prepare: (/** @type {string} */ text) => db.prepare(text),
      transaction: within,
      close: () => db.close(),
    })
  );
}
