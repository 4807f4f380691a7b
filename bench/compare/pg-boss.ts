import pg from "pg";
import { type Job, PgBoss, type WorkOptions } from "pg-boss";
import { type Contender, type Place, requireCount } from "./contender.ts";

const QUEUE = "noop";
const CHUNK = 1_000;

interface Data {
  readonly sentAt?: number;
}

/**
 * `default`: as it comes, with a worker for each slot: each looks for one job every two seconds. `best`: 500 jobs to
 * one call of the handler, the next batch at once while they come full, and NOTIFY instead of waiting for a poll.
 */
export async function open({ url }: Place, variant: string): Promise<Contender> {
  const best = variant === "best";
  const boss = new PgBoss({ connectionString: url, useListenNotify: best });
  boss.on("error", console.error);
  await boss.start();
  await boss.createQueue(QUEUE, { notify: best });
  return new Boss(url, boss, best);
}

class Boss implements Contender {
  readonly #url: string;
  readonly #boss: PgBoss;
  readonly #best: boolean;

  constructor(url: string, boss: PgBoss, best: boolean) {
    this.#url = url;
    this.#boss = boss;
    this.#best = best;
  }

  add(sentAt?: number): Promise<unknown> {
    return this.#boss.send(QUEUE, sentAt === undefined ? {} : { sentAt });
  }

  async addMany(count: number): Promise<void> {
    for (let at = 0; at < count; at += CHUNK) {
      const size = Math.min(CHUNK, count - at);
      await this.#boss.insert(
        QUEUE,
        Array.from({ length: size }, () => ({ data: {} })),
      );
    }
  }

  async work(slots: number, run: (sentAt: number | undefined) => void): Promise<void> {
    const options: WorkOptions = this.#best
      ? { batchSize: 500, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }
      : { localConcurrency: slots };
    await this.#boss.work(QUEUE, options, async (jobs: Job<Data>[]) => {
      for (const { data } of jobs) run(data.sentAt);
    });
  }

  left(): Promise<number> {
    return this.#count("state < 'completed'");
  }

  async requireDone(count: number): Promise<void> {
    requireCount("pg-boss", await this.#count("state = 'completed'"), count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ graceful: true });
  }

  async #count(which: string): Promise<number> {
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    try {
      const sql = `SELECT count(*)::int AS count FROM pgboss.job WHERE name = '${QUEUE}' AND ${which}`;
      const { rows } = await client.query<{ count: number }>(sql);
      return rows[0]?.count ?? Number.NaN;
    } finally {
      await client.end();
    }
  }
}
