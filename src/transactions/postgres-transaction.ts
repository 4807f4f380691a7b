/** One statement of the storage: values bound, rows asked for as arrays. */
export interface PostgresStatement {
  readonly text: string;
  readonly values?: unknown[];
  readonly rowMode: "array";
  /** How the storage reads values, where the connection can be told. */
  readonly types?: { getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown };
}

/** What a PostgreSQL storage takes as `{ tx }`: a client of `pg` within a transaction, or what stands for one. */
export interface PostgresTransaction {
  query<R extends unknown[]>(statement: PostgresStatement): Promise<{ rows: R[] }>;
  /** `T` in a transaction, `I` when it is over; left out where a library does not tell. */
  getTransactionStatus?(): string | null;
}

/** Rows that are arrays. What is in them the statement says. */
export function areRows<R extends unknown[]>(rows: unknown): rows is R[] {
  return Array.isArray(rows) && rows.every(Array.isArray);
}

/**
 * Rows that a library has made objects of, as arrays in the order of the columns. It is theirs because the drivers'
 * statements give each column a name of its own, and none that is a number.
 */
export function toRows<R extends unknown[]>(objects: unknown): R[] {
  const rows = Array.isArray(objects)
    ? objects.map((row: unknown): unknown[] => Object.values(Object(row)))
    : [];
  return areRows<R>(rows) ? rows : [];
}
