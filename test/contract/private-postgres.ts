import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { eventually } from "../../src/testing/contract/expect.ts";
import { freePort } from "../servers/free-port.ts";
import { postgresServer } from "../servers/postgres-server.ts";
import { giveTo, run, runnerOf, start } from "../servers/run-as.ts";

const PROGRAM = postgresServer.find();

/** Whether a server of our own can be started here. */
export const isInstalled: boolean = PROGRAM !== undefined;

/** A PostgreSQL of this test alone, which may crash. */
export class PrivatePostgres implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  readonly #settings: readonly string[];
  readonly #runner = runnerOf(["postgres", "nobody"]);
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, settings: readonly string[]) {
    this.#folder = folder;
    this.#port = port;
    this.#settings = settings;
  }

  static async start(...settings: readonly string[]): Promise<PrivatePostgres> {
    if (PROGRAM === undefined) throw new Error("PostgreSQL is not installed");
    const folder = await mkdtemp(join(tmpdir(), "firelater-postgres-"));
    const server = new PrivatePostgres(folder, await freePort(), settings);
    giveTo(server.#runner, folder);
    run(server.#runner, join(dirname(PROGRAM), "initdb"), [
      "-D",
      server.#data,
      "-U",
      "firelater",
      "--no-sync",
    ]);
    await server.start();
    return server;
  }

  get url(): string {
    return `postgres://firelater@127.0.0.1:${this.#port}/postgres`;
  }

  async start(): Promise<void> {
    const settings = [
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${this.#folder}`,
      ...this.#settings,
    ];
    const options = settings.flatMap((setting) => ["-c", setting]);
    this.#process = start(this.#runner, PROGRAM ?? "", [
      "-D",
      this.#data,
      "-p",
      String(this.#port),
      ...options,
    ]);
    await eventually("it answers", async () => ((await postgresServer.answers(this.url)) ? true : undefined));
  }

  /** As by a power cut: what was in its memory alone is gone. */
  async crash(): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGQUIT");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, "data");
  }
}
