import BeeQueue from "bee-queue";
import type { Contender, Place } from "./contender.ts";

const CHUNK = 1_000;

interface Data {
  readonly sentAt?: number;
}

/** At its fastest: nothing of a job is kept once it is done, and nobody is told. */
export async function open({ url }: Place): Promise<Contender> {
  const { hostname: host, port } = new URL(url);
  const queue = new BeeQueue<Data>("noop", {
    redis: { host, port: Number(port) },
    getEvents: false,
    sendEvents: false,
    storeJobs: false,
    removeOnSuccess: true,
  });
  queue.on("error", (error) => console.error(error));
  await queue.ready();
  return new Bee(queue);
}

class Bee implements Contender {
  readonly #queue: BeeQueue<Data>;

  constructor(queue: BeeQueue<Data>) {
    this.#queue = queue;
  }

  add(sentAt?: number): Promise<unknown> {
    return this.#queue.createJob(sentAt === undefined ? {} : { sentAt }).save();
  }

  async addMany(count: number): Promise<void> {
    for (let at = 0; at < count; at += CHUNK) {
      const size = Math.min(CHUNK, count - at);
      const errors = await this.#queue.saveAll(Array.from({ length: size }, () => this.#queue.createJob({})));
      for (const error of errors.values()) throw error;
    }
  }

  async work(slots: number, run: (sentAt: number | undefined) => void): Promise<void> {
    this.#queue.process(slots, async ({ data }) => run(data.sentAt));
  }

  async left(): Promise<number> {
    const { waiting, active } = await this.#queue.checkHealth();
    return waiting + active;
  }

  /** What is done is removed: that all ran, none is left and none failed is all there is to see. */
  async requireDone(): Promise<void> {
    const { waiting, active, failed } = await this.#queue.checkHealth();
    if (waiting + active + failed > 0)
      throw new Error(`bee-queue has ${waiting + active + failed} jobs left`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }
}
