import { describe, test } from "vitest";
import { storageContract, TRANSACTION_SECTIONS } from "../../src/testing/contract/index.ts";
import { REDIS_URL, RedisPlace } from "../redis-place.ts";
import { redisServer } from "../servers/redis-server.ts";

const SKIPPED = TRANSACTION_SECTIONS.map((section) => ({
  section,
  reason: "Redis has no transactions of callers",
}));

if (await redisServer.answers(REDIS_URL)) storageContract({ describe, test }, { open }, { skip: SKIPPED });
else test.skip("Redis: no server answers at REDIS_URL or 127.0.0.1:6379", () => {});

async function open() {
  const place = new RedisPlace();
  const storage = place.open();
  const handles = [storage];
  return {
    storage,
    async another() {
      const other = place.open();
      handles.push(other);
      return other;
    },
    async dispose() {
      for (const handle of handles) await handle.close();
      await place.remove();
    },
  };
}
