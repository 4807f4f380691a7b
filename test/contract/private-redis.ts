import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../servers/free-port.ts";

const BINARY = "redis-server";

/** Whether a server of our own can be started here. */
export const isInstalled: boolean = spawnSync(BINARY, ["--version"]).status === 0;

/** A Redis of this test alone, on a free port, in a folder of its own: it may be stopped, paused and set as one likes. */
export class PrivateRedis implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;
  #admin: Redis | undefined;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  /** A place where nothing listens yet. */
  static async reserve(...args: readonly string[]): Promise<PrivateRedis> {
    return new PrivateRedis(await freePort(), await mkdtemp(join(tmpdir(), "firelater-redis-")), args);
  }

  static async start(...args: readonly string[]): Promise<PrivateRedis> {
    const redis = await PrivateRedis.reserve(...args);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** For commands of the test; of another type than the connections of storages, so that these can be told apart. */
  get admin(): Redis {
    this.#admin ??= new Redis(this.port, "127.0.0.1", {
      connectionName: "admin",
      retryStrategy: () => 20,
    }).on("error", () => {});
    return this.#admin;
  }

  /** The process stands still, as on a machine that is suspended: connections stay, and nothing is answered. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  async start(): Promise<void> {
    const settings = [
      "--port",
      String(this.port),
      "--bind",
      "127.0.0.1",
      "--dir",
      this.#folder,
      "--save",
      "",
    ];
    const server = spawn(BINARY, [...settings, ...this.#args], { stdio: ["ignore", "pipe", "ignore"] });
    this.#process = server;
    for await (const text of server.stdout) if (String(text).includes("Ready to accept")) break;
    server.stdout.resume();
  }

  async stop(): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined || server.exitCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  }

  /** Breaks every connection but the test's own. */
  async breakConnections(): Promise<void> {
    const list = String(await this.admin.client("LIST"));
    for (const line of list.split("\n")) {
      const id = /^id=(\d+) /.exec(line)?.[1];
      if (id !== undefined && !line.includes(" name=admin ")) await this.admin.client("KILL", "ID", id);
    }
  }

  /** How many clients wait for a pause to end. */
  async blockedClients(): Promise<number> {
    return Number(/blocked_clients:(\d+)/.exec(await this.admin.info("clients"))?.[1] ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#admin?.disconnect();
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
