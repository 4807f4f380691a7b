import { join } from "node:path";
import { BackgroundJobClient, BackgroundJobServer, defineJobs, type Storage } from "firelater";
import { PostgresStorage } from "firelater/postgres";
import { RedisStorage } from "firelater/redis";
import { SqliteStorage } from "firelater/sqlite";
import type { Contender, Place } from "../compare/contender.ts";
import { enqueueNoops, quiet, requireWholeHistory } from "./jobs.ts";

/** `variant` is the driver; all else is as it comes. */
export async function open({ url }: Place, variant: string): Promise<Contender> {
  const storage = storageOf(variant, url);
  await storage.ready;
  return new Firelater(storage);
}

function storageOf(variant: string, url: string): Storage {
  if (variant === "postgres") return new PostgresStorage(url);
  if (variant === "redis") return new RedisStorage(url);
  return new SqliteStorage(join(url, "jobs.db"), variant === "normal" ? { synchronous: "normal" } : {});
}

const apart = defineJobs({ noop(_sentAt?: number) {} });

class Firelater implements Contender {
  readonly #storage: Storage;
  readonly #client: BackgroundJobClient<typeof apart>;
  #server: BackgroundJobServer | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#client = new BackgroundJobClient({ storage, jobs: apart });
  }

  add(sentAt?: number): Promise<unknown> {
    return sentAt === undefined
      ? this.#client.enqueue((j) => j.noop())
      : this.#client.enqueue((j) => j.noop(sentAt));
  }

  addMany(count: number): Promise<void> {
    return enqueueNoops(this.#storage, count);
  }

  async work(slots: number, run: (sentAt: number | undefined) => void): Promise<void> {
    const jobs = defineJobs({ noop: (sentAt?: number) => run(sentAt) });
    this.#server = new BackgroundJobServer({
      storage: this.#storage,
      jobs,
      workerCount: slots,
      logger: quiet,
    });
    await this.#server.started;
  }

  async left(): Promise<number> {
    const { Enqueued, Processing } = await this.#storage.counts();
    return Enqueued + Processing;
  }

  requireDone(count: number): Promise<void> {
    return requireWholeHistory(this.#storage, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.stop();
    await this.#client[Symbol.asyncDispose]();
    await this.#storage.close();
  }
}
