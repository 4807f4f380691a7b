import { type PromoteResult, TAIL } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber } from "./reply.ts";
import { TRANSITION } from "./row.ts";
import { ARGUMENTS, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";

const PROMOTE = new Script(
  KEYS,
  ARGUMENTS,
  TRANSITION,
  lua`
local limit, promoted = tonumber(take()), take()
local due = redis.call('ZRANGEBYLEX', dueKey, '-', '(' .. string.format('%016d', now + 1), 'LIMIT', 0, limit)
for _, member in ipairs(due) do
  local row = read(placeId(member))
  if row then
    local history = past(row) .. line(stamp, promoted)
    change(row, { state = 'Enqueued', hold = false, entry = false, seq = nextSeq(), history = history })
  else
    put(dueKey, member, false)
  end
end
flush()
local earliest = redis.call('ZRANGE', dueKey, 0, 0)[1]
return { #due, now, earliest and redis.call('HGET', jobKey(placeId(earliest)), 'dueAt') or false }
`,
);

export const promote: Verb<number, PromoteResult> = {
  doing: "promote due jobs",
  script: PROMOTE,
  args: (limit) => [Math.min(limit, JOBS_IN_ONE_SCRIPT), TAIL.promoted],
  answer: (reply) => {
    const [promoted, now, next] = toList(reply);
    return {
      promoted: toNumber(promoted),
      nextDueAt: next === null ? null : toNumber(next),
      now: toNumber(now),
    };
  },
};
