import { type Claim, type ClaimOutcome, TAIL } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList } from "./reply.ts";
import { lua, quoted, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

/** Does something with every claim that is still one: `row` is the job. */
function forEachClaim(doing: string, act: string): Verb<readonly Claim[], ClaimOutcome[]> {
  return {
    doing,
    kind: "transition",
    script: new Script(
      KEYS,
      TRANSITION,
      lua`
local outcomes = {}
for i = 1, tonumber(take()) do
  local row, fence = read(take()), tonumber(take())
  local held = row and row.fence == fence and row.state == 'Processing'
  if held then
    ${act}
  end
  outcomes[i] = held and 1 or 0
end
return done(outcomes)
`,
    ),
    rows: (claims) => claims.length,
    args: (claims) => [claims.length, ...claims.flatMap(({ id, fence }) => [id, fence])],
    answer: (reply) => toList(reply).map((applied) => (applied === 1 ? "applied" : "stale")),
  };
}

export const giveBack: Verb<readonly Claim[], ClaimOutcome[]> = forEachClaim(
  "give jobs back",
  lua`change(row, { state = 'Enqueued', entry = '', owner = false, blamed = false })`,
);

export const park: Verb<readonly Claim[], ClaimOutcome[]> = forEachClaim(
  "park jobs",
  lua`
    local history = historyOf(row) .. line(stamp, ${quoted(TAIL.parked)})
    change(row, { state = 'Enqueued', hold = 'unknown', entry = '', owner = false, blamed = false, history = history })`,
);

export const blame: Verb<readonly Claim[], ClaimOutcome[]> = forEachClaim(
  "mark jobs",
  lua`row.blamed = true
    redis.call('HSET', jobKey(row.id), 'row', rowText(row))`,
);
