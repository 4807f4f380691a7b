import type { ServerCommand } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toCommand } from "./leases.ts";
import { THOUGH_FULL } from "./queues.ts";
import { lua, Script, type Verb } from "./script.ts";

/** Nothing is written of a server that is gone: its record would never go again. */
const REPORT = new Script(
  KEYS,
  lua`
local key = serverKey(ARGV[1])
if redis.call('EXISTS', key) == 0 then return false end
`,
  THOUGH_FULL,
  lua`
redis.call('HSET', key, 'vitals', ARGV[2])
return redis.call('HGET', key, 'command')
`,
);

export const report: Verb<{ readonly incarnation: string; readonly vitals: string }, ServerCommand | null> = {
  doing: "store a report",
  script: REPORT,
  kind: "write",
  args: ({ incarnation, vitals }) => [incarnation, vitals],
  answer: toCommand,
};

const COMMAND = new Script(
  KEYS,
  lua`
local key = serverKey(ARGV[1])
if redis.call('EXISTS', key) == 0 then return 0 end
`,
  THOUGH_FULL,
  lua`
if ARGV[2] then redis.call('HSET', key, 'command', ARGV[2]) else redis.call('HDEL', key, 'command') end
return 1
`,
);

interface Asking {
  readonly incarnation: string;
  readonly command: ServerCommand | null;
}

export const command: Verb<Asking, boolean> = {
  doing: "ask something of a server",
  script: COMMAND,
  kind: "write",
  args: ({ incarnation, command }) => (command === null ? [incarnation] : [incarnation, command]),
  answer: (reply) => reply === 1,
};
