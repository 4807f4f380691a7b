import { type Change, type CommitOutcome, FLAG, TAIL } from "../../storage/index.ts";
import { budgetOf, CONDITIONS, edgeBudget, RESOLVE } from "./gates.ts";
import { DUE_AT, dueArg } from "./insert-row.ts";
import { KEYS } from "./keys.ts";
import { CUT, packed } from "./packing.ts";
import { PERMITS } from "./permits.ts";
import { toWords } from "./reply.ts";
import { lua, quoted, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

/** Never `busy`: a script has no neighbours. */
const OUTCOMES: readonly CommitOutcome[] = ["applied", "already", "stale", "gone"];

const TAKE_CHANGE = lua`
local function says(next, letter) return string.find(next.how, letter, 1, true) end

local function takeChange()
  local text = take()
  local id, fence, state, how, due, entry, past, more, at = string.match(text,
    '^(%S+) (%d+) (%a+) (%S+) (%S+) (%d+) (%d+)([^\n]*)\n()')
  local next = { id = id, fence = tonumber(fence), state = state, how = how, due = due }
  next.entry, at = cut(text, at, entry)
  next.past, at = cut(text, at, past)
  if more ~= '' then
    local length = string.gmatch(more, '%d+')
    if says(next, 'q') then next.queue, at = cut(text, at, length()) end
    if says(next, 'p') then next.parameters, at = cut(text, at, length()) end
    for each in length do
      local replaced
      replaced, at = cut(text, at, each)
      next.past = next.past .. line(stamp, replaced)
    end
  end
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

-- A job that is on its way already keeps its permit.
local function enqueue(row, next, to)
  to.history = next.past .. line(stamp, next.entry)
  to.entry = ''
  if not says(next, 'k') then to.place = nextPlace(row) end
  if not isOnItsWay(row) then to.state, to.hold, to.entry = admission(row, to.place or whole(row).place) end
end

-- The change, and what it means for others: behind its gates first, then for those that wait for its permit.
local function apply(row, next)
  local to = { state = next.state, entry = next.entry, history = next.past, hold = false, owner = false, blamed = false }
  if has(row.flags, ${FLAG.recovered}) then to.flags = row.flags - ${FLAG.recovered} end
  local failed = says(next, 'f')
  if failed then to.failures = whole(row).failures + 1 end
  if says(next, 'c') then to.crashes = row.crashes + 1 end
  to.queue = next.queue
  if next.state == 'Scheduled' then
    to.hold, to.dueAt = 'due', dueAt(next.due)
    if not failed then to.plannedAt = to.dueAt end
  elseif next.state == 'Enqueued' then
    enqueue(row, next, to)
  end
  to.parameters = next.parameters
  if failed and next.state ~= 'Failed' then count('retried') end
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
  CUT,
  DUE_AT,
  TAKE_CHANGE,
  APPLY,
  lua`
local outcomes = {}
for i = 3, #ARGV do
  local next = takeChange()
  local row = read(next.id)
  local outcome = 'applied'
  if not row then
    outcome = 'gone'
  elseif row.fence ~= next.fence then
    outcome = isReplay(row, next) and 'already' or 'stale'
  else
    apply(row, next)
  end
  outcomes[#outcomes + 1] = outcome
end
return done(table.concat(outcomes, ' '))
`,
);

export const commit: Verb<readonly Change[], CommitOutcome[]> = {
  doing: "commit changes",
  script: COMMIT,
  kind: "transition",
  rows: (changes) => changes.length,
  args: (changes) => [edgeBudget(changes.length), ...changes.map(changeArg)],
  answer: (reply) => toWords(reply).map(toOutcome),
};

function toOutcome(reply: string): CommitOutcome {
  const outcome = OUTCOMES.find((known) => known === reply);
  if (outcome === undefined) throw new TypeError(`unknown outcome ${reply} of a commit`);
  return outcome;
}

/** What is so of a change and seldom is, a letter for each; then the texts, those seldom there last. */
function changeArg(change: Change): string {
  const { id, fence, state, entry, past, due, queue, parameters, replaced } = change;
  const texts = [entry, past];
  let how = "-";
  if (change.failed) how += "f";
  if (change.crashed) how += "c";
  if (change.keepSeq) how += "k";
  if (queue !== undefined) {
    how += "q";
    texts.push(queue);
  }
  if (parameters !== undefined) {
    how += "p";
    texts.push(parameters);
  }
  if (replaced !== undefined) texts.push(...replaced);
  return packed(`${id} ${fence} ${state} ${how} ${dueArg(due ?? { in: 0 })}`, texts);
}
