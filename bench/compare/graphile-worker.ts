import { Logger, makeWorkerUtils, type Runner, run as startRunner, type WorkerUtils } from "graphile-worker";
import pg from "pg";
import type { Contender, Place } from "./contender.ts";

const TASK = "noop";
const CHUNK = 1_000;
// As its own performance test has it.
process.env.NO_LOG_SUCCESS = "1";
const logger = new Logger(() => (level, message) => {
  if (level === "error") console.error(message);
});

/**
 * `default`: as it comes, but for the number of slots. A number: tuned as its own performance test is, with a local queue
 * of that size (there 500) and gathered completions, which give up the serial order of named queues, keep so many jobs
 * locked for four hours if the process is killed, and hold finished ones locked until their batch is written.
 */
export async function open({ url }: Place, variant: string): Promise<Contender> {
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  return new GraphileWorker(url, utils, variant === "default" ? undefined : Number(variant));
}

class GraphileWorker implements Contender {
  readonly #url: string;
  readonly #utils: WorkerUtils;
  readonly #localQueue: number | undefined;
  #runner: Runner | undefined;

  constructor(url: string, utils: WorkerUtils, localQueue: number | undefined) {
    this.#url = url;
    this.#utils = utils;
    this.#localQueue = localQueue;
  }

  add(sentAt?: number): Promise<unknown> {
    return this.#utils.addJob(TASK, sentAt === undefined ? {} : { sentAt });
  }

  async addMany(count: number): Promise<void> {
    for (let at = 0; at < count; at += CHUNK) {
      const size = Math.min(CHUNK, count - at);
      await this.#utils.addJobs(Array.from({ length: size }, () => ({ identifier: TASK, payload: {} })));
    }
  }

  async work(slots: number, run: (sentAt: number | undefined) => void): Promise<void> {
    const worker: GraphileConfig.WorkerOptions = {
      connectionString: this.#url,
      concurrentJobs: slots,
      logger,
      ...(this.#localQueue === undefined ? {} : tunedFor(slots, this.#localQueue)),
    };
    const task = (payload: unknown) => run((payload as { sentAt?: number }).sentAt);
    this.#runner = await startRunner({
      preset: { worker },
      noHandleSignals: true,
      taskList: { [TASK]: async (payload) => task(payload) },
    });
  }

  async left(): Promise<number> {
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    try {
      const sql = "SELECT count(*)::int AS count FROM graphile_worker._private_jobs";
      const { rows } = await client.query<{ count: number }>(sql);
      return rows[0]?.count ?? Number.NaN;
    } finally {
      await client.end();
    }
  }

  /** It deletes what is done: that all ran and none is left is all there is to see. */
  async requireDone(): Promise<void> {
    const left = await this.left();
    if (left > 0) throw new Error(`graphile-worker has ${left} jobs left`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runner?.stop();
    await this.#utils.release();
  }
}

function tunedFor(slots: number, size: number): GraphileConfig.WorkerOptions {
  return {
    maxPoolSize: slots + 2,
    localQueue: { size, refetchDelay: { durationMs: 10 } },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  };
}
