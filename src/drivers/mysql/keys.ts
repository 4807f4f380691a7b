/**
 * Who lets jobs of a limit's key in holds the key's lock, so that nobody counts while another one adds. Whoever takes a
 * job off its way needs no lock: a count that does not see it yet errs on the safe side.
 */
import type { Transaction } from "./transaction.ts";

/** Waits for the keys, in one order for all. Only where no row of a job is held that a holder of the key may wait for. */
export async function lockKeys(tx: Transaction, keys: Iterable<string>): Promise<void> {
  for (const key of [...new Set(keys)].sort()) {
    if (tx.keys.has(key)) continue;
    await tx.sql.run(
      "INSERT INTO firelater_limit (limit_key) VALUES (?) ON DUPLICATE KEY UPDATE limit_key = VALUES(limit_key)",
      key,
    );
    tx.keys.add(key);
  }
}

/**
 * False when a neighbour has it: then what has to be done is left to `release`. A key has its row for as long as there is
 * any job with it, so one that is not to be seen belongs to a neighbour, too.
 */
export async function tryLockKey(tx: Transaction, key: string): Promise<boolean> {
  if (tx.keys.has(key)) return true;
  const row = await tx.sql.first(
    "SELECT limit_key FROM firelater_limit FORCE INDEX (PRIMARY) WHERE limit_key = ? FOR UPDATE SKIP LOCKED",
    key,
  );
  if (row !== undefined) tx.keys.add(key);
  return row !== undefined;
}

/** A key whose last job is gone takes its row with it: keys may be as many as there are users. */
export async function forgetKey(tx: Transaction, key: string): Promise<void> {
  // Who stores a job of this key meanwhile has the lock.
  if (!(await tryLockKey(tx, key))) return;
  const job = await tx.sql.first(
    "SELECT 1 FROM firelater_job FORCE INDEX (by_limit) WHERE limit_key = ? LIMIT 1",
    key,
  );
  if (job !== undefined) return;
  await tx.sql.run("DELETE FROM firelater_limit WHERE limit_key = ?", key);
  tx.keys.delete(key);
}
