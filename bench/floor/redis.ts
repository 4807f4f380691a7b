import { createHash } from "node:crypto";
import { Redis } from "ioredis";
import { rootKey } from "../../src/drivers/redis/keys.ts";
import type { Floor } from "./floor.ts";
import { newId } from "./uuid.ts";

const INCARNATION = "floor:1:0123456789ab";
const PROCESSING = `"state":"Processing","server":"floor","incarnation":"${INCARNATION}"`;
const SUCCEEDED = `"state":"Succeeded","duration":0,"latency":1000`;
/** The driver's keys, and its row as text: what never changes in these jobs is constant. */
const BEGIN = `
local root, now = KEYS[1], redis.call('TIME')
now = string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000))
local readyKey, processingKey = root .. ':ready:default', root .. ':state:Processing'
local heldKey, enqueuedKey = root .. ':held:${INCARNATION}', root .. ':enqueued'
`;
/** As many jobs as one command of Lua takes arguments for. */
const MOST = 1_000;

const INSERT = `${BEGIN}
local seq = redis.call('INCRBY', root .. ':seq', #ARGV) - #ARGV
local line = '{"at":' .. now .. ',"state":"Enqueued"}\\n'
local head, rest, ready = '1 Enqueued ' .. now .. ' 0 - 0 0\\n\\n', ' 0 ' .. now .. ' - default\\nnoop', {}
for i, id in ipairs(ARGV) do
  local key = root .. ':job:' .. id
  if redis.call('EXISTS', key) == 0 then
    local place = string.format('32768%016d', seq + i)
    redis.call('HSET', key, 'row', head .. place .. rest, 'args', '[]', 'history', line)
    ready[#ready + 1] = 0
    ready[#ready + 1] = place .. id
  end
end
redis.call('ZADD', readyKey, unpack(ready))
redis.call('ZADD', root .. ':queues', 0, 'default')
redis.call('INCRBY', enqueuedKey, #ready / 2)
`;

const CLAIM = `${BEGIN}
local places = redis.call('ZRANGE', readyKey, 0, ARGV[1] - 1)
if #places == 0 then return { now, '' } end
local jobs, processing = {}, {}
for i, place in ipairs(places) do
  local id = string.sub(place, -36)
  local key = root .. ':job:' .. id
  local found = redis.call('HMGET', key, 'row', 'args', 'history')
  local fence, rest = string.match(found[1], '^(%d+) [^\\n]*\\n[^\\n]*\\n(.*)$')
  local text = fence + 1 .. ' Processing ' .. now .. ' 0 - 0 0\\n${INCARNATION}\\n'
  redis.call('HSET', key, 'row', text .. rest, 'entry', '${PROCESSING}')
  processing[#processing + 1] = now
  processing[#processing + 1] = id
  places[i] = id
  jobs[i] = id .. fence + 1 .. '\\t' .. rest .. '\\t' .. found[2] .. '\\t' .. found[3]
end
redis.call('ZREMRANGEBYRANK', readyKey, 0, #places - 1)
redis.call('ZADD', processingKey, unpack(processing))
redis.call('SADD', heldKey, unpack(places))
redis.call('INCRBY', enqueuedKey, -#places)
return { now, table.concat(jobs, '\\r') }
`;

const SETTLE = `${BEGIN}
local ids, succeeded = {}, {}
for _, text in ipairs(ARGV) do
  local id = string.sub(text, 1, 36)
  local expected, at = string.match(text, '^(%d+)\\n()', 37)
  local key = root .. ':job:' .. id
  local fence, rest = string.match(redis.call('HGET', key, 'row'), '^(%d+) [^\\n]*\\n[^\\n]*\\n(.*)$')
  if fence == expected then
    redis.call('HSET', key, 'row', fence + 1 .. ' Succeeded ' .. now .. ' 0 - 0 0\\n\\n' .. rest, 'entry', '${SUCCEEDED}',
      'history', string.sub(text, at))
    ids[#ids + 1] = id
    succeeded[#succeeded + 1] = now
    succeeded[#succeeded + 1] = id
  end
end
redis.call('ZREM', processingKey, unpack(ids))
redis.call('SREM', heldKey, unpack(ids))
redis.call('ZADD', root .. ':state:Succeeded', unpack(succeeded))
redis.call('HINCRBY', root .. ':day:0', 'succeeded', #ids)
return #ids
`;

/** The plain ways of the three scripts over one connection, with the sets, the counters and the history of the driver. */
export async function openRedisFloor(url: string, prefix: string): Promise<Floor> {
  const client = new Redis(url);
  await Promise.all([INSERT, CLAIM, SETTLE].map((text) => client.script("LOAD", text)));
  return new RedisFloor(client, rootKey(prefix));
}

class RedisFloor implements Floor {
  readonly #client: Redis;
  readonly #root: string;

  constructor(client: Redis, root: string) {
    this.#client = client;
    this.#root = root;
  }

  async insert(count: number, batch: number): Promise<void> {
    const size = Math.min(batch, MOST);
    for (let at = 0; at < count; at += size) {
      const ids = Array.from({ length: Math.min(size, count - at) }, () => uuid(newId(Date.now())));
      await this.#run(INSERT, ids);
    }
  }

  async drain(limit: number, batch: number): Promise<number> {
    let drained = 0;
    while (drained < limit) {
      const jobs = await this.#claim(Math.min(batch, limit - drained));
      if (jobs.length === 0) break;
      const settled = await this.#run(SETTLE, jobs);
      if (settled !== jobs.length) throw new Error("a claim of the floor was not its own");
      drained += jobs.length;
    }
    return drained;
  }

  async close(): Promise<void> {
    this.#client.disconnect();
  }

  /** Each with its past, ready to be settled. */
  async #claim(batch: number): Promise<string[]> {
    const reply = await this.#run(CLAIM, [batch]);
    const [at, text]: unknown[] = Array.isArray(reply) ? reply : [];
    if (typeof text !== "string" || text === "") return [];
    return text.split("\r").map((job) => {
      const [claim = "", , , history = ""] = job.split("\t");
      return `${claim}\n${history}{"at":${at},${PROCESSING}}\n`;
    });
  }

  #run(script: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#client.evalsha(sha1Of(script), 1, this.#root, ...args);
  }
}

const hashes = new Map<string, string>();

function sha1Of(script: string): string {
  const known = hashes.get(script) ?? createHash("sha1").update(script).digest("hex");
  hashes.set(script, known);
  return known;
}

function uuid(id: Uint8Array): string {
  const hex = Buffer.from(id).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
