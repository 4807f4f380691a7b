import { once } from "node:events";
import { connect as connectTo, createServer, type Server, type Socket } from "node:net";
import { inspect } from "node:util";
import { createConnection, createPool, type RowDataPacket } from "mysql2/promise";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Place } from "../../../test/contract/mysql-place.ts";
import { connect, dropDatabases, reach, urlOf } from "../../../test/contract/mysql-server.ts";
import { newId } from "../../base/ids.ts";
import { entryTail, type NewJob, type Signal } from "../../storage/index.ts";
import { MysqlStorage } from "./index.ts";
import { Statements } from "./statements.ts";

const unreachable = await reach();
afterAll(dropDatabases);

function job(args = "[]"): NewJob {
  const entry = entryTail("Enqueued");
  return { id: newId(), queue: "default", rank: 0, name: "noop", args, displayName: null, entry };
}

describe.skipIf(unreachable !== undefined)("a server that goes wrong", () => {
  test("what is said of neighbours in the way holds nothing of the jobs", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    await storage.ready;
    const pool = createPool({ uri: urlOf(place.database), charset: "utf8mb4" });
    pool.pool.on("connection", (connection) => connection.query("SET innodb_lock_wait_timeout = 0"));
    await using impatient = new MysqlStorage({ pool });
    const holder = await createConnection(urlOf(place.database));
    await holder.beginTransaction();
    const one = job();
    await storage.insert([one], holder);
    const secret = { ...one, args: '["s3cr3t"]' };
    const error: unknown = await impatient.insert([secret]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "FL_STORAGE_BUSY", cause: { errno: 1205 } });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t");
    await holder.end();
    await impatient.close();
    await pool.end();
  });

  test("a write whose COMMIT may have been carried out is not written again by itself", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    const one = job();
    await storage.ready;
    const run = Statements.prototype.run;
    vi.spyOn(Statements.prototype, "run").mockImplementation(async function (
      this: Statements,
      sql,
      ...values
    ) {
      const found = await Reflect.apply(run, this, [sql, ...values]);
      if (sql !== "COMMIT") return found;
      vi.restoreAllMocks();
      throw Object.assign(new Error("the answer was lost"), { fatal: true });
    });
    await expect(storage.insert([one])).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    expect(await storage.insert([one])).toEqual([{ outcome: "exists" }]);
  });

  test("connections that are killed are replaced, and what was asked for is done once", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    await storage.ready;
    const jobs = Array.from({ length: 60 }, () => job());
    for (const [nth, one] of jobs.entries()) {
      const storing = storage.insert([one]).catch((error: unknown) => error);
      if (nth % 5 === 0) await killAll(place.database);
      const outcome = await storing;
      // Killed within its COMMIT nobody can say what became of it: then, and only then, the caller is told.
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ code: "FL_STORAGE_FAILED" });
        await storage.insert([one]);
      }
    }
    expect(await storage.get(jobs.map(({ id }) => id))).toHaveLength(60);
    expect((await storage.counts()).Enqueued).toBe(60);
  });

  test("a server that goes away is told of, within bounds, and works again when it is back", async () => {
    await using place = await Place.take();
    await using way = await Way.open(urlOf(place.database));
    const storage = new MysqlStorage(way.url, { maxConnections: 2 });
    const heard: Signal[] = [];
    storage.subscribe((signal) => heard.push(signal));
    const [before, after] = [job(), job()];
    await storage.insert([before]);
    await way.block();
    const calls = [storage.insert([after]), storage.now(), storage.counts()];
    // Together: one that rejects while another is awaited would be unhandled.
    const told = calls.map((call) => expect(call).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" }));
    await Promise.all(told);
    await way.unblock();
    expect(await storage.insert([before, after])).toEqual([{ outcome: "exists" }, { outcome: "inserted" }]);
    const others = heard.length;
    await place.open(place.database).insert([job()]);
    await expect.poll(() => heard.slice(others), { timeout: 10_000 }).toContainEqual({ kind: "changed" });
    await storage.close();
  });

  test("a row that no packet can carry is refused alone, and the connection lives", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    const mostBytes = await connect(async (server) => {
      const [rows] = await server.query<RowDataPacket[]>("SELECT @@max_allowed_packet AS bytes");
      return Number(rows[0]?.bytes);
    });
    const good = job();
    await expect(storage.insert([job("x".repeat(mostBytes / 4))])).rejects.toMatchObject({
      code: "FL_STORAGE_REFUSED",
    });
    const large = job("x".repeat(mostBytes / 4 - 10_000));
    await storage.insert([good, large]);
    expect((await storage.get([large.id]))[0]?.args.length).toBe(large.args.length);
  });

  test("a text that its column cannot hold is refused", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    const call = storage.insert([{ ...job(), queue: "q".repeat(300) }]);
    const error = await call.catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "FL_STORAGE_REFUSED" });
    // The client's errors carry the statement, and with it the arguments of jobs.
    expect(Object.keys(Object(Reflect.get(Object(error), "cause")))).not.toContain("sql");
  });

  test("a lock that somebody keeps makes a commit busy at once, and others wait for a while", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    const held = job();
    await storage.insert([held]);
    const neighbour = await createConnection({ uri: urlOf(place.database) });
    await neighbour.query("START TRANSACTION");
    await neighbour.query("SELECT id FROM firelater_job FOR UPDATE");
    const change = {
      id: held.id,
      fence: 1,
      state: "Deleted",
      entry: entryTail("Deleted"),
      past: "",
    } as const;
    expect(await storage.commit([change])).toEqual(["busy"]);
    const waiting = storage.blame([{ id: held.id, fence: 1 }]);
    await neighbour.query("ROLLBACK");
    expect(await waiting).toEqual(["applied"]);
    expect(await storage.commit([change])).toEqual(["applied"]);
    await neighbour.end();
  });

  test("a pool of the caller's serves, and is not ended", async () => {
    await using place = await Place.take();
    const pool = createPool({ uri: urlOf(place.database), connectionLimit: 2 });
    const storage = new MysqlStorage({ pool });
    expect(storage.name).toBe(place.open(place.database).name);
    expect(storage.leaseThread()).toBeUndefined();
    expect(await storage.insert([job()])).toEqual([{ outcome: "inserted" }]);
    await storage.close();
    await pool.query("SELECT 1");
    await pool.end();
  });

  test("a pool whose sessions would cut or misread values is refused", async () => {
    await using place = await Place.take();
    for (const modes of ["", "STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES"]) {
      const pool = createPool({ uri: urlOf(place.database), connectionLimit: 1 });
      await pool.query("SET SESSION sql_mode = ?", [modes]);
      const storage = new MysqlStorage({ pool });
      await expect(storage.ready).rejects.toMatchObject({ code: "FL_INVALID_STORAGE_OPTIONS" });
      await storage.close();
      await pool.end();
    }
  });

  test("another storage object hears of a write, and who wrote hears no echo", async () => {
    await using place = await Place.take();
    const [writer, other] = [place.open(place.database), place.open(place.database)];
    await Promise.all([writer.ready, other.ready]);
    const heard = { writer: [] as Signal[], other: [] as Signal[] };
    for (const [name, storage] of [
      ["writer", writer],
      ["other", other],
    ] as const) {
      storage.subscribe((signal) => heard[name].push(signal));
      await expect.poll(() => heard[name]).toEqual([{ kind: "changed" }]);
    }
    await writer.insert([job()]);
    await expect.poll(() => heard.other.length).toBe(2);
    expect(heard.writer).toEqual([{ kind: "changed" }, { kind: "ready", queues: ["default"] }]);
  });
});

async function killAll(database: string): Promise<void> {
  await connect(async (server) => {
    const [rows] = await server.query<RowDataPacket[]>(
      "SELECT id FROM information_schema.processlist WHERE db = ?",
      [database],
    );
    for (const { id } of rows) await server.query("KILL ?", [id]).catch(() => {});
  });
}

/** A way to the server that can be blocked, as if the server were down. */
class Way implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets: Set<Socket>;

  private constructor(url: string, server: Server, port: number, sockets: Set<Socket>) {
    this.url = url;
    this.#server = server;
    this.#port = port;
    this.#sockets = sockets;
  }

  static async open(target: string): Promise<Way> {
    const url = new URL(target);
    const { hostname, port: serverPort } = url;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      const onward = connectTo(Number(serverPort || 3306), hostname);
      for (const end of [socket, onward]) {
        sockets.add(end);
        end.on("error", () => {});
        end.on("close", () => sockets.delete(end));
      }
      socket.pipe(onward).pipe(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    Object.assign(url, { hostname: "127.0.0.1", port: String(port) });
    return new Way(url.href, server, port, sockets);
  }

  async block(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async unblock(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.block();
  }
}
