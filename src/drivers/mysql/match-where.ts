import type { JobWhere } from "../../storage/index.ts";
import type { SqlValue } from "./statements.ts";

type Condition = readonly [sql: string, values: readonly SqlValue[]];

/** What a row of `firelater_job` must be like. */
export function matchWhere({ name, queue, tag, since, before, args, entry }: JobWhere): Condition {
  const conditions = [
    when(name, (value) => ["name = ?", [value]]),
    when(queue, (value) => ["queue = ?", [value]]),
    // As it is stored, escapes included: MariaDB compares the texts, MySQL what they mean.
    when(tag, (value) => ["JSON_CONTAINS(tags, ?)", [JSON.stringify(value)]]),
    when(since, (value) => ["state_at >= ?", [value]]),
    when(before, (value) => ["state_at < ?", [value]]),
    when(args, (part) => contains("args", part)),
    when(entry, (part) => contains("entry", part)),
  ].flat();
  return [conditions.map(([sql]) => sql).join(" AND ") || "TRUE", conditions.flatMap(([, values]) => values)];
}

function when<T>(value: T | undefined, condition: (value: T) => Condition): Condition[] {
  return value === undefined ? [] : [condition(value)];
}

/**
 * Of the text only those letters are made small that the part has. LOWER would do it to letters of every script, and no
 * collation tells ASCII from others.
 */
function contains(column: string, part: string): Condition {
  const wanted = part.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const letters = [...new Set(wanted.match(/[a-z]/g))];
  const folded = letters.reduce(
    (text, letter) => `REPLACE(${text}, '${letter.toUpperCase()}', '${letter}')`,
    column,
  );
  return [`LOCATE(?, ${folded}) > 0`, [wanted]];
}
