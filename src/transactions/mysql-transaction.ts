/** One statement of the storage, its values written out. */
export interface MysqlStatement {
  readonly sql: string;
  /** Asked of a statement that reads: rows as arrays. A statement that writes is answered by a header. */
  readonly rowsAsArray?: boolean;
  readonly typeCast?: boolean;
}

/**
 * What a MySQL storage takes as `{ tx }`: a connection of `mysql2/promise` within a transaction, or what stands for one.
 * The answer is a pair, of which the first is `unknown[][]` or `{ affectedRows, insertId }`.
 */
export interface MysqlTransaction {
  query(statement: MysqlStatement): Promise<[unknown, unknown]>;
}
