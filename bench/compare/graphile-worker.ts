import { Logger, makeWorkerUtils, type Runner, run as startRunner, type WorkerUtils } from "graphile-worker";
import pg from "pg";
import type { Contender, Place } from "./contender.ts";

const TASK = "noop";
const CHUNK = 10_000;
// As its own performance test has it.
process.env.NO_LOG_SUCCESS = "1";
const logger = new Logger(() => (level, message) => {
  if (level === "error") console.error(message);
});

/**
 * `default`: as it comes, but for the number of slots. `tuned`: what its own performance test sets: jobs fetched 500
 * at a time and completions gathered, which give up the serial order of named queues and hold finished jobs locked.
 */
export async function open({ url }: Place, variant: string): Promise<Contender> {
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  return new GraphileWorker(url, utils, variant === "tuned");
}

class GraphileWorker implements Contender {
  readonly #url: string;
  readonly #utils: WorkerUtils;
  readonly #tuned: boolean;
  #runner: Runner | undefined;

  constructor(url: string, utils: WorkerUtils, tuned: boolean) {
    this.#url = url;
    this.#utils = utils;
    this.#tuned = tuned;
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
      ...(this.#tuned ? tunedFor(slots) : {}),
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

function tunedFor(slots: number): GraphileConfig.WorkerOptions {
  return {
    maxPoolSize: slots + 2,
    localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  };
}
