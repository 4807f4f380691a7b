import { join } from "node:path";
import { defineQueue, defineWorker, JobStatus, type Queue, type Worker } from "plainjob";
import { type Contender, type Place, requireCount } from "./contender.ts";
import { connect, type Driver } from "./plainjob-connection.ts";

const TYPE = "noop";
const logger = { error: console.error, warn() {}, info() {}, debug() {} };

/**
 * `variant`: the driver, and after a blank the milliseconds between two polls. It sets WAL and synchronous=NORMAL
 * itself. One worker for any number of slots: each is a loop of its own that never waits for a no-op job, so more of
 * them on one thread only take turns (measured: slower).
 */
export async function open({ url }: Place, variant: string): Promise<Contender> {
  const [driver = "", pollMs] = variant.split(" ");
  const connection = await connect(join(url, "jobs.db"), driver as Driver);
  return new Plainjob(defineQueue({ connection, logger }), pollMs);
}

class Plainjob implements Contender {
  readonly #queue: Queue;
  readonly #polling: { pollIntervall?: number };
  #worker: Worker | undefined;

  constructor(queue: Queue, pollMs: string | undefined) {
    this.#queue = queue;
    this.#polling = pollMs === undefined ? {} : { pollIntervall: Number(pollMs) };
  }

  async add(sentAt?: number): Promise<unknown> {
    return this.#queue.add(TYPE, sentAt === undefined ? {} : { sentAt });
  }

  /** All in one call and one transaction: the fastest that plainjob offers. */
  async addMany(count: number): Promise<void> {
    this.#queue.addMany(TYPE, Array(count).fill({}));
  }

  async work(_slots: number, run: (sentAt: number | undefined) => void): Promise<void> {
    const perform = async ({ data }: { data: string }) => run(JSON.parse(data).sentAt);
    this.#worker = defineWorker(TYPE, perform, { queue: this.#queue, logger, ...this.#polling });
    void this.#worker.start();
  }

  async left(): Promise<number> {
    const { Pending, Processing } = JobStatus;
    return this.#queue.countJobs({ status: Pending }) + this.#queue.countJobs({ status: Processing });
  }

  async requireDone(count: number): Promise<void> {
    requireCount("plainjob", this.#queue.countJobs({ status: JobStatus.Done }), count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.stop();
    this.#queue.close();
  }
}
