import { createPostgresBackend, Queue, Worker } from "bullmq";
import { type Contender, type Place, requireCount } from "./contender.ts";

const QUEUE = "noop";
const CHUNK = 1_000;

interface Data {
  readonly sentAt?: number;
}
/** What both backends have alike; their own types name the backend in every method. */
interface Jobs {
  add(name: string, data: Data): Promise<unknown>;
  addBulk(jobs: { name: string; data: Data }[]): Promise<unknown>;
  getJobCounts(...states: ("wait" | "active" | "completed")[]): Promise<Record<string, number>>;
  close(): Promise<void>;
}
interface Working {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}
type Run = (job: { data: Data }) => Promise<void>;
type StartWorker = (concurrency: number, run: Run) => Working;

/** `redis` or `postgres`; as it comes, which keeps every completed job. */
export async function open({ url }: Place, variant: string): Promise<Contender> {
  return variant === "postgres" ? onPostgres(url) : onRedis(url);
}

async function onRedis(url: string): Promise<Contender> {
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue(QUEUE, { connection });
  await queue.waitUntilReady();
  return new BullMq(queue, (concurrency, run) => new Worker(QUEUE, run, { connection, concurrency }));
}

async function onPostgres(url: string): Promise<Contender> {
  const connection = { connectionString: url, migrate: true };
  const queue = new Queue(QUEUE, { connection }, createPostgresBackend);
  await queue.waitUntilReady();
  return new BullMq(
    queue,
    (concurrency, run) => new Worker(QUEUE, run, { connection, concurrency }, createPostgresBackend),
  );
}

class BullMq implements Contender {
  readonly #queue: Jobs;
  readonly #start: StartWorker;
  #worker: Working | undefined;

  constructor(queue: Jobs, start: StartWorker) {
    this.#queue = queue;
    this.#start = start;
  }

  add(sentAt?: number): Promise<unknown> {
    return this.#queue.add("noop", sentAt === undefined ? {} : { sentAt });
  }

  async addMany(count: number): Promise<void> {
    for (let at = 0; at < count; at += CHUNK) {
      const size = Math.min(CHUNK, count - at);
      await this.#queue.addBulk(Array.from({ length: size }, () => ({ name: "noop", data: {} })));
    }
  }

  async work(slots: number, run: (sentAt: number | undefined) => void): Promise<void> {
    this.#worker = this.#start(slots, async ({ data }) => run(data.sentAt));
    await this.#worker.waitUntilReady();
  }

  async left(): Promise<number> {
    const counts = await this.#queue.getJobCounts("wait", "active");
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  async requireDone(count: number): Promise<void> {
    requireCount("BullMQ", (await this.#queue.getJobCounts("completed")).completed ?? 0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.close();
    await this.#queue.close();
  }
}
