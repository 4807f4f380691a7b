import type { ReleaseResult } from "../../storage/index.ts";
import { CONDITIONS, RESOLVE } from "./gates.ts";
import { KEYS } from "./keys.ts";
import { PERMITS } from "./permits.ts";
import { toList, toNumber } from "./reply.ts";
import { JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

const RELEASE = new Script(
  KEYS,
  TRANSITION,
  lua`
local limit = tonumber(take())
local budget = { edges = limit, admissions = 0 }
`,
  PERMITS,
  CONDITIONS,
  RESOLVE,
  lua`
while budget.edges > 0 do
  local record = redis.call('LPOP', releasesKey)
  if not record then break end
  local id, settled, fence, state = string.match(record, '^(%S+) (%d+) (%d+) (%a+)$')
  finished[1] = { id = id, settled = tonumber(settled), fence = tonumber(fence), state = state }
  resolveFinished()
end
budget.admissions = limit - released
while budget.admissions > 0 do
  local key = redis.call('SPOP', unadmittedKey)
  if not key then break end
  released = released + admitWaiters(key)
end
return done({ released, redis.call('LLEN', releasesKey) + redis.call('SCARD', unadmittedKey) })
`,
);

/** Works off what writes have left over, oldest first. */
export const release: Verb<number, ReleaseResult> = {
  doing: "release jobs",
  script: RELEASE,
  kind: "transition",
  args: (limit) => [Math.min(limit, JOBS_IN_ONE_SCRIPT)],
  answer: (reply) => {
    const [released, left] = toList(reply);
    return { released: toNumber(released), more: toNumber(left) > 0 };
  },
};
