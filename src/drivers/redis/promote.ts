import { type PromoteResult, TAIL } from "../../storage/index.ts";
import { budgetOf, CONDITIONS, RESOLVE } from "./gates.ts";
import { KEYS } from "./keys.ts";
import { PERMITS } from "./permits.ts";
import { toList, toNumber } from "./reply.ts";
import { JOBS_IN_ONE_SCRIPT, lua, quoted, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

/** A job that its limit skips has ended: as a parent, too. */
const PROMOTE = new Script(
  KEYS,
  TRANSITION,
  budgetOf(String(JOBS_IN_ONE_SCRIPT)),
  PERMITS,
  CONDITIONS,
  RESOLVE,
  lua`
local limit = tonumber(take())
local due = redis.call('ZRANGEBYLEX', dueKey, '-', '(' .. string.format('%016d', now + 1), 'LIMIT', 0, limit)
seqBlock = math.max(#due, 1)
for _, member in ipairs(due) do
  local row = read(placeId(member))
  if row then
    letIn(row, past(row) .. line(stamp, ${quoted(TAIL.promoted)}))
    finish(row)
    resolveFinished()
  else
    put(dueKey, member, false)
  end
end
flush()
local earliest = redis.call('ZRANGE', dueKey, 0, 0)[1]
local first = earliest and read(placeId(earliest))
return done({ #due, now, first and whole(first).dueAt or false })
`,
);

export const promote: Verb<number, PromoteResult> = {
  doing: "promote due jobs",
  script: PROMOTE,
  kind: "transition",
  args: (limit) => [Math.min(limit, JOBS_IN_ONE_SCRIPT)],
  answer: (reply) => {
    const [promoted, now, next] = toList(reply);
    return {
      promoted: toNumber(promoted),
      nextDueAt: next === null ? null : toNumber(next),
      now: toNumber(now),
    };
  },
};
