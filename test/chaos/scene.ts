import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BackgroundJobClient, type Storage } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { Random } from "../../src/testing/contract/random.ts";
import { Child } from "../lifecycle/child.ts";
import { jobs } from "./jobs.ts";
import type { WorkerArguments, WorkerMessage } from "./programs/worker.ts";

const WORKER = new URL("./programs/worker.ts", import.meta.url);

export type Worker = Child<WorkerMessage>;

/** How long anything may take on a busy machine before a test calls it missing. */
export const SOON = { timeout: 30_000, interval: 20 } as const;

/** `FIRELATER_SEED=…` repeats the choices of a run that failed. */
export const SEED: number = Number(process.env.FIRELATER_SEED ?? Date.now() % 1_000_000);

/** One durable SQLite file, a ledger beside it, and the processes that work on it. */
export class Scene implements AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  readonly ledger: string;
  readonly random: Random = new Random(SEED);
  readonly storage: Storage;
  readonly client: BackgroundJobClient<typeof jobs>;
  readonly killedAt = new Map<number, number>();
  readonly #children: AsyncDisposable[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.file = join(folder, "jobs.db");
    this.ledger = join(folder, "ledger.jsonl");
    this.storage = new SqliteStorage(this.file);
    this.client = new BackgroundJobClient({ storage: this.storage, jobs });
  }

  static async open(what: string): Promise<Scene> {
    console.log(`${what}: FIRELATER_SEED=${SEED}`);
    const scene = new Scene(await mkdtemp(join(tmpdir(), "firelater-chaos-")));
    await writeFile(scene.ledger, "");
    await scene.storage.ready;
    return scene;
  }

  /** A server in a process of its own. */
  worker(over: Partial<WorkerArguments> = {}, execArgv: readonly string[] = []): Worker {
    const own = { file: this.file, ledger: this.ledger, name: "worker", queues: ["default"], workerCount: 8 };
    return this.spawn(WORKER, [JSON.stringify({ ...own, ...over })], execArgv);
  }

  /** A worker that is at work. */
  async readyWorker(over: Partial<WorkerArguments> = {}): Promise<Worker> {
    const worker = this.worker(over);
    await worker.hears(({ kind }) => kind === "ready");
    return worker;
  }

  spawn<Message>(program: URL, args: readonly string[], execArgv: readonly string[] = []): Child<Message> {
    const child = new Child<Message>(program, args, execArgv);
    this.#children.push(child);
    return child;
  }

  async kill(child: Worker): Promise<void> {
    this.killedAt.set(child.pid, Date.now());
    child.kill("SIGKILL");
    await child.exited;
  }

  between(least: number, most: number): number {
    return least + this.random.below(most - least + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await child[Symbol.asyncDispose]();
    await this.storage.close();
    await rm(this.folder, { recursive: true });
  }
}
