import { Serial } from "../../base/serial.ts";
import { InvalidTransactionError } from "../../storage/index.ts";
import { Texts } from "./arrays.ts";
import { TYPES } from "./connection.ts";
import { ELSEWHERE, FAILED, NOT_BEGUN, toTransactionError } from "./errors.ts";
import { News } from "./news.ts";
import { toNotification } from "./notification.ts";
import type { PostgresTransaction } from "./options.ts";
import type { Tables } from "./schema.ts";
import type { Session, Statement } from "./statements.ts";

/** A client of `pg`, or what behaves like one. A pool runs each statement where it likes: that is no transaction. */
export function isClient(value: unknown): value is PostgresTransaction {
  if (typeof value !== "object" || value === null) return false;
  return typeof Reflect.get(value, "query") === "function" && Reflect.get(value, "totalCount") === undefined;
}

/** One call of a verb within a transaction of a caller's. */
export interface CallWithin<T> {
  readonly run: (session: Session) => Promise<T>;
  /** Asked where the transaction keeps one snapshot, which may be older than the call: rejects if that has done harm. */
  readonly verify?: (result: T) => Promise<void>;
}

export interface CallersParts {
  readonly name: string;
  readonly tables: Tables;
  /** Where wake-ups go; undefined: they are not sent. */
  readonly channel: string | undefined;
  /** The storage's own, by its name. */
  readonly database: () => string | undefined;
}

type Told = [keepsSnapshot: boolean, database: string, told: unknown];

/** Sent by nobody: the storage object that has written it hears it as all others do, at the commit. */
const SENDER = "";

const TELL: Statement = {
  name: "tell-within",
  text: () => `
  SELECT current_setting('transaction_isolation') IN ('repeatable read', 'serializable') AS keeps_snapshot,
    current_database()::text AS database, CASE WHEN $2::text IS NOT NULL THEN pg_notify($1, $2)::text END AS told`,
};

/** What a statement has written, and a decision has made void, must not be committed. */
const SPOIL =
  "DO $$ BEGIN RAISE 'a call of Firelater within this transaction has failed' USING ERRCODE = '40001'; END $$";

/**
 * Writes of the storage within a transaction that a caller has begun on a connection of its own. A failed call leaves
 * the transaction in a state in which it can only be rolled back, as every failed statement does in PostgreSQL.
 */
export class CallersConnections {
  readonly #parts: CallersParts;
  readonly #texts = new Map<Statement, string>();
  readonly #calls = new WeakMap<PostgresTransaction, Serial>();

  constructor(parts: CallersParts) {
    this.#parts = parts;
  }

  /** Calls on one connection go one after another: several statements of one must not mix with those of another. */
  async call<T>(client: PostgresTransaction, doing: string, call: CallWithin<T>): Promise<T> {
    const calls = this.#calls.get(client) ?? new Serial();
    this.#calls.set(client, calls);
    return await calls.run(() => this.#call(client, doing, call));
  }

  async #call<T>(client: PostgresTransaction, doing: string, { run, verify }: CallWithin<T>): Promise<T> {
    const session = this.#session(client);
    try {
      const result = await run(session);
      while (isBusy(client)) await command(client, "");
      // All is written: nothing of it is undone for a wake-up that comes too late.
      if (isOver(client)) return result;
      const keepsSnapshot = await this.#tell(session, verify !== undefined);
      if (keepsSnapshot) await verify?.(result);
      return result;
    } catch (error) {
      await spoil(client).catch(() => {});
      throw toTransactionError(this.#parts.name, doing, error);
    }
  }

  #session(client: PostgresTransaction): Session {
    const session: Session = {
      news: new News(),
      putsOff: true,
      encoded: toLiterals,
      run: async <R extends unknown[]>(statement: Statement, values: readonly unknown[]) => {
        while (isBusy(client)) await command(client, "");
        this.#requireBegun(client);
        // Sent at once: nothing comes in between.
        const text = this.#textOf(statement);
        // Unnamed: a name could be taken on a stranger's connection, or forgotten by a pooler in between.
        return (await client.query<R>({ text, values: toLiterals(values), types: TYPES, rowMode: "array" }))
          .rows;
      },
      transaction: (body) => body(session),
      // What fails has ended the transaction: only the caller can begin it anew.
      attempt: (_, action) => action(),
    };
    return session;
  }

  /**
   * One wake-up, which PostgreSQL sends with the commit. Whether the transaction keeps one snapshot, if that is asked. In
   * another database there may be tables of the same names: what was written into them is not to stay.
   */
  async #tell({ news, run }: Session, asksForSnapshot: boolean): Promise<boolean> {
    const { name, channel, database } = this.#parts;
    const signals = news.take();
    const isTold = channel !== undefined && signals.length > 0;
    if (!isTold && !asksForSnapshot) return false;
    const text = isTold ? toNotification(SENDER, signals) : null;
    const [row] = await run<Told>(TELL, [channel ?? "", text]);
    if (row !== undefined && row[1] !== database()) throw new InvalidTransactionError(name, ...ELSEWHERE);
    return row?.[0] ?? false;
  }

  #requireBegun(client: PostgresTransaction): void {
    // One that cannot tell is believed.
    const status = client.getTransactionStatus === undefined ? "T" : client.getTransactionStatus();
    if (status === "E") throw new InvalidTransactionError(this.#parts.name, ...FAILED);
    if (status !== "T") throw new InvalidTransactionError(this.#parts.name, ...NOT_BEGUN);
  }

  #textOf(statement: Statement): string {
    const text = this.#texts.get(statement) ?? statement.text(this.#parts.tables);
    this.#texts.set(statement, text);
    return text;
  }
}

/**
 * Something stands before us in the client's queue: it may be the end of the transaction, and ours would be written
 * outside of it. One that cannot tell how its transaction is has nothing to wait for.
 */
function isBusy(client: PostgresTransaction): boolean {
  const status = client.getTransactionStatus?.() ?? null;
  return status !== null && Reflect.get(client, "readyForQuery") === false;
}

/** Also where there is no connection: what is asked of it then may wait for ever. */
function isOver(client: PostgresTransaction): boolean {
  const status = client.getTransactionStatus?.();
  return status === "I" || status === null;
}

/** Where the transaction is over nothing of it is left; what comes next on the connection may be somebody else's. */
async function spoil(client: PostgresTransaction): Promise<void> {
  while (isBusy(client)) await command(client, "");
  if (!isOver(client)) await command(client, SPOIL);
}

async function command(client: PostgresTransaction, text: string): Promise<void> {
  await client.query({ text, rowMode: "array" });
}

function toLiterals(values: readonly unknown[]): unknown[] {
  return values.map((value) => (value instanceof Texts ? value.toLiteral() : value));
}
