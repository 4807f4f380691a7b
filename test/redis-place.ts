import { RedisStorage } from "firelater/redis";
import { Redis } from "ioredis";
import { newId } from "../src/base/ids.ts";

/** The server on which tests run that need one. */
export const REDIS_URL = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** A storage of its own on a real Redis: a random prefix, under which nobody else writes. */
export class RedisPlace {
  readonly prefix = `firelater-test:${newId()}`;

  open(): RedisStorage {
    return new RedisStorage(REDIS_URL, { prefix: this.prefix });
  }

  /** Removes exactly what was stored under the prefix. */
  async remove(): Promise<void> {
    const client = new Redis(REDIS_URL);
    for await (const keys of client.scanStream({ match: `{${this.prefix}}:*`, count: 1_000 })) {
      if (keys.length > 0) await client.unlink(...keys);
    }
    client.disconnect();
  }
}
