import { Serial } from "../../base/serial.ts";
import { InvalidTransactionError } from "../../storage/index.ts";
import { BegunConnection } from "./begun-connection.ts";
import { ELSEWHERE, isNoSuchSavepoint, NOT_BEGUN, toTransactionError } from "./errors.ts";
import type { MysqlCallbackConnection, MysqlTransaction } from "./options.ts";
import { flawOf, type Session } from "./session.ts";
import { Statements } from "./statements.ts";
import { Transaction } from "./transaction.ts";

/** What a caller may give: either kind of connection of `mysql2`, or what stands for one. */
export type CallersTransaction = MysqlTransaction | MysqlCallbackConnection;

/** A pool runs each statement where it likes: that is no transaction. */
export function isConnection(value: unknown): value is CallersTransaction {
  if (typeof value !== "object" || value === null) return false;
  const has = (key: string) => typeof Reflect.get(value, key) === "function";
  return (has("query") || has("promise")) && !has("getConnection");
}

/** No storage object has it: the one that has written hears of the commit as all others do. */
export const ORIGIN_OF_CALLERS = 0;

/** What is done in the transaction. `beside`: reads on another connection, during which nothing is known of this one. */
export type RunWithin<T> = (tx: Transaction, beside: <R>(reading: Promise<R>) => Promise<R>) => Promise<T>;

const SAVEPOINT = "firelater_call";
// Bits of a session's status, as each answer to a command carries it.
const IN_TRANSACTION = 1;
const AUTOCOMMIT = 2;
/** How the session speaks, and where it is; the name of a database may have spaces. */
const SESSION = `CONCAT_WS(' ', @@sql_mode, @@character_set_client, @@character_set_connection,
  COALESCE(@@character_set_results, 'nothing'), COALESCE(DATABASE(), ''))`;

/**
 * Writes of the storage within a transaction that a caller has begun on a connection of its own. A failed statement does
 * not end a transaction of MySQL: each call sets a savepoint, and one that fails goes back to it.
 */
export class CallersConnections {
  readonly #name: string;
  readonly #calls = new WeakMap<object, Serial>();

  constructor(name: string) {
    this.#name = name;
  }

  /** Calls on one connection go one after another: several statements of one must not mix with those of another. */
  async call<T>(given: CallersTransaction, session: Session, doing: string, run: RunWithin<T>): Promise<T> {
    const key = connectionOf(given);
    const calls = this.#calls.get(key) ?? new Serial();
    this.#calls.set(key, calls);
    return await calls.run(() => this.#call(given, session, doing, run));
  }

  async #call<T>(given: CallersTransaction, session: Session, doing: string, run: RunWithin<T>): Promise<T> {
    const connection = toPromises(given);
    const own = new Statements(connection, session.maxPacket);
    try {
      this.#requireBegun(await own.command(`SAVEPOINT ${SAVEPOINT}`));
      const begun = new BegunConnection(connection, connectionOf(given), (status) =>
        this.#requireBegun(status),
      );
      const tx = new Transaction(new Statements(begun, session.maxPacket), ORIGIN_OF_CALLERS);
      this.#requireSession(String(await tx.readClock(SESSION)), session);
      const value = await run(tx, (reading) => begun.beside(reading));
      await tx.writeCounters();
      return value;
    } catch (error) {
      await undo(own);
      throw toTransactionError(this.#name, doing, error);
    }
  }

  #requireBegun(status: number | undefined): void {
    // One that cannot tell is believed. Without autocommit there is always a transaction, begun or about to be.
    if (status === undefined || (status & IN_TRANSACTION) !== 0 || (status & AUTOCOMMIT) === 0) return;
    throw new InvalidTransactionError(this.#name, ...NOT_BEGUN);
  }

  #requireSession(told: string, { database }: Session): void {
    const [modes = "", client = "", connection = "", results = "", ...names] = told.split(" ");
    if (names.join(" ") !== database) throw new InvalidTransactionError(this.#name, ...ELSEWHERE);
    const flaw = flawOf(modes, [client, connection, results]);
    if (flaw === undefined) return;
    const [what, wanted] = flaw;
    throw new InvalidTransactionError(
      this.#name,
      `Its connection would change what is stored: ${what}.`,
      `Begin it on a connection with ${wanted}.`,
    );
  }
}

/**
 * Nothing of a call that has failed may be committed. A deadlock has undone the whole transaction, and its savepoints
 * with it. Where it cannot be told what is left, the whole transaction goes.
 */
async function undo(sql: Statements): Promise<void> {
  try {
    await sql.command(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
  } catch (error) {
    if (!isNoSuchSavepoint(error)) await sql.command("ROLLBACK").catch(() => {});
  }
}

function toPromises(given: CallersTransaction): MysqlTransaction {
  return "promise" in given ? given.promise() : given;
}

/** What a pool of `mysql2/promise` hands out is a new object each time; what it stands for is not. */
function connectionOf(given: CallersTransaction): object {
  const within: unknown = Reflect.get(given, "connection");
  return typeof within === "object" && within !== null ? within : given;
}
