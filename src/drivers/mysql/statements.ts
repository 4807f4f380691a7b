import { escape as escapeText, format } from "mysql2";
import { TooLargeError } from "./errors.ts";
import type { MysqlTransaction } from "./options.ts";

export type SqlValue = null | number | string | Buffer;
/** What a placeholder takes: a list stands for its members, separated by commas. */
type Bound = SqlValue | SqlValue[];
export type Row = readonly unknown[];

/** Larger statements cost more to parse than another round trip. */
const BYTES_IN_ONE = 1_000_000;
const ROWS_IN_ONE = 500;
/** Every value stands in the text: without this the client would look through all of it for placeholders. */
const AS_IT_IS = { values: null, namedPlaceholders: false };
/** What a packet holds besides the statement. */
const HEADROOM = 1_024;

/**
 * Statements on one connection, in the text protocol: the client writes each value as a literal. Prepared statements
 * would be one for each length of a list, on each connection, and MySQL and MariaDB guess the types of their parameters
 * differently.
 */
export class Statements {
  readonly #connection: MysqlTransaction;
  /** What one row may take: three of them, from three writes, still fit a packet when they are read as one. */
  readonly #mostInRow: number;
  readonly #mostInOne: number;
  readonly #maxPacket: number;

  constructor(connection: MysqlTransaction, maxPacket: number) {
    this.#connection = connection;
    this.#mostInRow = Math.floor(maxPacket / 4);
    this.#mostInOne = Math.min(BYTES_IN_ONE, Math.floor(maxPacket / 2));
    this.#maxPacket = maxPacket - HEADROOM;
  }

  /** Rows as arrays in the order of the columns. */
  async all(sql: string, ...values: Bound[]): Promise<Row[]> {
    const text = format(sql, values);
    check(text, this.#maxPacket);
    const [rows] = await this.#connection.query({
      ...AS_IT_IS,
      sql: text,
      rowsAsArray: true,
      typeCast: true,
    });
    if (!isRows(rows)) throw new TypeError("the client gave something else than rows as arrays");
    return rows;
  }

  async first(sql: string, ...values: Bound[]): Promise<Row | undefined> {
    return (await this.all(sql, ...values))[0];
  }

  /** Runs a write; the number of rows that it found. */
  async run(sql: string, ...values: Bound[]): Promise<number> {
    const text = format(sql, values);
    check(text, this.#mostInRow);
    return numberIn(await this.#write(text), "affectedRows");
  }

  /** The number that AUTO_INCREMENT has given to the row. */
  async add(sql: string, ...values: Bound[]): Promise<number> {
    return numberIn(await this.#write(format(sql, values)), "insertId");
  }

  /** Runs a command; how the session stands after it, as the protocol has it, where the client tells. */
  async command(sql: string): Promise<number | undefined> {
    const status: unknown = Reflect.get(Object(await this.#write(sql)), "serverStatus");
    return typeof status === "number" ? status : undefined;
  }

  /** `head` VALUES (…), (…), … `tail`, in as many statements as the rows need. */
  rows(head: string, rows: readonly (readonly SqlValue[])[], tail = ""): Promise<void> {
    return this.rowTexts(head, textsOf(rows), tail);
  }

  /** The same with rows whose literals stand in a text already. */
  async rowTexts(head: string, rows: Iterable<string>, tail = ""): Promise<void> {
    for (const texts of this.batches(rows)) await this.#write(`${head} VALUES ${texts.join(",")} ${tail}`);
  }

  /** The rows as one statement each may hold them. */
  *batches(rows: Iterable<string>): Generator<string[]> {
    let texts: string[] = [];
    let bytes = 0;
    for (const text of rows) {
      const size = check(text, this.#mostInRow);
      if (texts.length === ROWS_IN_ONE || (bytes > 0 && bytes + size > this.#mostInOne)) {
        yield texts;
        texts = [];
        bytes = 0;
      }
      texts.push(text);
      bytes += size;
    }
    if (texts.length > 0) yield texts;
  }

  async #write(sql: string): Promise<unknown> {
    const [header] = await this.#connection.query({ ...AS_IT_IS, sql });
    return header;
  }
}

function isRows(value: unknown): value is Row[] {
  return Array.isArray(value) && value.every(Array.isArray);
}

/** Some clients are set to give large numbers as text. */
function numberIn(header: unknown, key: "affectedRows" | "insertId"): number {
  const number = Number(Reflect.get(Object(header), key));
  if (!Number.isSafeInteger(number)) throw new TypeError(`the client told no ${key}`);
  return number;
}

/** A value as it stands in a statement. */
export function literal(value: SqlValue): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? escapeText(value) : `x'${value.toString("hex")}'`;
}

/** One by one: of rows that are large no more than one statement's are texts at a time. */
export function* textsOf(rows: readonly (readonly SqlValue[])[]): Generator<string> {
  for (const row of rows) yield `(${row.map(literal).join(",")})`;
}

/** The server would cut the connection without a word of what was wrong. */
function check(text: string, most: number): number {
  const size = text.length * 3 > most ? Buffer.byteLength(text) : text.length;
  if (size > most) throw new TooLargeError(size, most);
  return size;
}

/** Longer lists are cut: from 1,000 members on MariaDB would make a join of one, with locks in an order of its own. */
export function chunks<T>(items: readonly T[], size = 500): T[][] {
  const cut: T[][] = [];
  for (let at = 0; at < items.length; at += size) cut.push(items.slice(at, at + size));
  return cut;
}

/** The server's clock in whole milliseconds, whatever the time zones of server, session and host are. */
export const NOW = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000";

export async function readClock(sql: Statements): Promise<number> {
  return Number((await sql.first(`SELECT ${NOW}`))?.[0]);
}
