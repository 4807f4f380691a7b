import { isDuplicate } from "./errors.ts";
import type { Statements } from "./statements.ts";

/**
 * Inserts rows, but for those whose key is there; the places of these. A statement that meets one stores nothing, and the
 * server does not tell which it was: halves of it find out. Nothing is looked for, so nothing is locked where there is
 * none.
 */
export async function insertNew(
  sql: Statements,
  head: string,
  rows: readonly string[],
): Promise<ReadonlySet<number>> {
  const there = new Set<number>();
  let from = 0;
  for (const texts of sql.batches(rows)) {
    await insertSome(sql, head, texts, from, there);
    from += texts.length;
  }
  return there;
}

async function insertSome(
  sql: Statements,
  head: string,
  texts: readonly string[],
  from: number,
  there: Set<number>,
): Promise<void> {
  try {
    await sql.command(`${head} VALUES ${texts.join(",")}`);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    if (texts.length === 1) {
      there.add(from);
      return;
    }
    const half = texts.length >> 1;
    await insertSome(sql, head, texts.slice(0, half), from, there);
    await insertSome(sql, head, texts.slice(half), from + half, there);
  }
}
