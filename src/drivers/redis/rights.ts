import { StorageFailedError } from "../../storage/index.ts";
import { toList, toText } from "./reply.ts";
import { lua, Script, type ScriptRunner } from "./script.ts";

/** Every command of the scripts, with arguments that change nothing where there is no such key. */
const HARMLESS: readonly (readonly [command: string, ...args: string[]])[] = [
  ["DEL"],
  ["UNLINK"],
  ["EXISTS"],
  ["GET"],
  ["HGET", "f"],
  ["HGETALL"],
  ["HMGET", "f"],
  ["HEXISTS", "f"],
  ["HDEL", "f"],
  ["LLEN"],
  ["LPOP"],
  ["LRANGE", "0", "0"],
  ["SCARD"],
  ["SMEMBERS"],
  ["SPOP"],
  ["SRANDMEMBER"],
  ["SREM", "m"],
  ["ZCARD"],
  ["ZCOUNT", "0", "0"],
  ["ZRANGE", "0", "0"],
  ["ZRANGEBYLEX", "-", "+"],
  ["ZRANGEBYSCORE", "0", "0"],
  ["ZREM", "m"],
  ["ZREMRANGEBYRANK", "0", "0"],
  ["ZREVRANGEBYLEX", "+", "-"],
  ["ZREVRANGEBYSCORE", "0", "0"],
  ["ZSCORE", "m"],
];

/** Those that make the key: it is removed again. */
const MAKING: typeof HARMLESS = [
  ["HINCRBY", "f", "1"],
  ["HSET", "f", "v"],
  ["INCR"],
  ["INCRBY", "1"],
  ["RPUSH", "m"],
  ["SADD", "m"],
  ["ZADD", "0", "m"],
];

/** Every command that the scripts must be allowed to run: `PUBLISH` alone may fail. */
export const COMMANDS: readonly string[] = [...HARMLESS, ...MAKING]
  .map(([command]) => command)
  .concat("TIME");

/**
 * Redis undoes nothing when a script fails in the middle, and a command that its user may not run makes it fail there: a
 * job would be stored by half. So the storage finds out when it opens. Any other error says that the command may be run.
 */
const REFUSED = new Script(lua`
local key = KEYS[1] .. ':rights'
local refused = {}
local function try(command, ...)
  local reply = redis.pcall(command, ...)
  local err = type(reply) == 'table' and reply.err
  if err and (string.find(err, 'permission') or string.find(err, 'user executing the script')) then
    refused[#refused + 1] = command
  end
end
try('TIME')
${HARMLESS.map(tried).join("\n")}
if #refused > 0 then return refused end
${MAKING.map((one) => `${tried(one)} try('DEL', key)`).join("\n")}
return refused
`);

function tried([command, ...args]: readonly string[]): string {
  return `try('${command}', key${args.map((arg) => `, '${arg}'`).join("")})`;
}

/** @throws StorageFailedError `FL_STORAGE_FAILED`: the user may not do all that the storage does. */
export async function requireRights(redis: ScriptRunner, name: string, root: string): Promise<void> {
  const refused = toList(await REFUSED.run(redis, root, [])).map(toText);
  if (refused.length === 0) return;
  throw new StorageFailedError(
    name,
    "open",
    new Error(
      `its user may not run ${refused.join(", ")} on keys like ${root}:…; it needs ~${root}* and +@all -@dangerous +info`,
    ),
  );
}
