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
  query(statement: PostgresStatement): Promise<{ rows: unknown[][] }>;
}
