import { type Change, type CommitOutcome, FLAG, TAIL } from "../../storage/index.ts";
import { budgetOf, CONDITIONS, edgeBudget, RESOLVE } from "./gates.ts";
import { dueArg } from "./insert-row.ts";
import { KEYS } from "./keys.ts";
import { PERMITS } from "./permits.ts";
import { toList } from "./reply.ts";
import { lua, quoted, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

/** Never `busy`: a script has no neighbours. */
const OUTCOMES: readonly CommitOutcome[] = ["applied", "already", "stale", "gone"];

const TAKE_CHANGE = lua`
local function takeChange()
  local next = { id = take(), fence = tonumber(take()), state = take(), entry = take(), past = take() }
  next.failed, next.crashed, next.keepSeq, next.keepsPlan = take() == '1', take() == '1', take() == '1', take() == '1'
  next.due, next.queue = take(), take()
  if take() == '1' then next.parameters = take() end
  for _ = 1, tonumber(take()) do next.past = next.past .. line(stamp, take()) end
  return next
end
`;

const APPLY = lua`
-- The answer to this very commit was lost and it is sent again.
local function isReplay(row, next)
  if row.fence ~= next.fence + 1 then return false end
  local stored = redis.call('HMGET', jobKey(row.id), 'entry', 'history')
  if next.state ~= 'Enqueued' then return row.state == next.state and (stored[1] or '') == next.entry end
  local wasSkipped = row.state == 'Deleted' and stored[1] == ${quoted(TAIL.skipped)}
  if row.state ~= 'Enqueued' and not wasSkipped then return false end
  local ending = ',' .. next.entry .. '}\n'
  return string.sub(stored[2] or '', -#ending) == ending
end

local function dueAt(due)
  local value = tonumber(string.sub(due, 4))
  return string.sub(due, 1, 2) == 'in' and now + value or value
end

-- A job that is on its way already keeps its permit.
local function enqueue(row, next, to)
  to.history = next.past .. line(stamp, next.entry)
  to.seq = next.keepSeq and row.seq or nextSeq()
  to.entry = false
  if not isOnItsWay(row) then to.state, to.hold, to.entry = admission(row, to.seq) end
end

-- The change, and what it means for others: behind its gates first, then for those that wait for its permit.
local function apply(row, next)
  local to = { state = next.state, entry = next.entry, history = next.past, hold = false, owner = false, blamed = false }
  if has(row.flags, ${FLAG.recovered}) then to.flags = row.flags - ${FLAG.recovered} end
  if next.failed then to.failures = number(row, 'failures') + 1 end
  if next.crashed then to.crashes = number(row, 'crashes') + 1 end
  if next.queue ~= '' then to.queue = next.queue end
  if next.state == 'Scheduled' then
    to.hold, to.dueAt = 'due', dueAt(next.due)
    if not next.keepsPlan then to.plannedAt = to.dueAt end
  elseif next.state == 'Enqueued' then
    enqueue(row, next, to)
  end
  to.parameters = next.parameters
  if next.failed and next.state ~= 'Failed' then count('retried') end
  change(row, to)
  finish(row)
  resolveFinished()
  local limit = limitOf(row)
  if limit then admitWaiters(limit.key) end
end
`;

const COMMIT = new Script(
  KEYS,
  TRANSITION,
  budgetOf("tonumber(take())"),
  PERMITS,
  CONDITIONS,
  RESOLVE,
  TAKE_CHANGE,
  APPLY,
  lua`
local outcomes = {}
for i = 1, tonumber(take()) do
  local next = takeChange()
  local row = read(next.id)
  if not row then
    outcomes[i] = 'gone'
  elseif row.fence ~= next.fence then
    outcomes[i] = isReplay(row, next) and 'already' or 'stale'
  else
    apply(row, next)
    outcomes[i] = 'applied'
  end
end
return done(outcomes)
`,
);

export const commit: Verb<readonly Change[], CommitOutcome[]> = {
  doing: "commit changes",
  script: COMMIT,
  kind: "transition",
  rows: (changes) => changes.length,
  args: (changes) => [edgeBudget(changes.length), changes.length, ...changes.flatMap(changeArgs)],
  answer: (reply) => toList(reply).map(toOutcome),
};

function toOutcome(reply: unknown): CommitOutcome {
  const outcome = OUTCOMES.find((known) => known === reply);
  if (outcome === undefined) throw new TypeError(`unknown outcome ${String(reply)} of a commit`);
  return outcome;
}

function changeArgs(change: Change): (string | number)[] {
  const replaced = change.replaced ?? [];
  return [
    change.id,
    change.fence,
    change.state,
    change.entry,
    change.past,
    change.failed ? 1 : 0,
    change.crashed ? 1 : 0,
    change.keepSeq ? 1 : 0,
    change.keepsPlan ? 1 : 0,
    dueArg(change.due ?? { in: 0 }),
    change.queue ?? "",
    ...(change.parameters === undefined ? [0] : [1, change.parameters]),
    replaced.length,
    ...replaced,
  ];
}
