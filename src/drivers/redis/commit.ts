import { type Change, type CommitOutcome, FLAG, isAtRest, TAIL } from "../../storage/index.ts";
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

-- An argument that begins so is a change that ends a run, and nothing else: see 'plainArg'.
local PLAIN = '^(%d+) (%a+) (%d+)\n()'

local function toChange(text)
  if string.sub(text, 1, 1) == '=' then
    local fence, state, length, at = string.match(text, PLAIN, 38)
    local next = { id = string.sub(text, 2, 37), fence = tonumber(fence), state = state, how = '-', due = '-' }
    next.entry, at = cut(text, at, length)
    next.past = string.sub(text, at)
    return next
  end
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
    if not says(next, 'l') then to.plannedAt = to.dueAt end
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

/** The end of a run that has nothing beside it: the same as `apply` makes of it, without the steps that it does not need. */
const APPLY_PLAIN = lua`
-- Nobody else is concerned: what 'append' has stored beside the row stays where it is.
local alone = { ['0'] = true, ['${String(FLAG.appended)}'] = true }

local function applyPlain(text)
  local id = string.sub(text, 2, 37)
  local key = jobKey(id)
  local expected, state, length, at = string.match(text, PLAIN, 38)
  local fence, from, flags, crashes, owner, rest = string.match(redis.call('HGET', key, 'row') or '', ROW_RUNNING)
  if fence ~= expected or from ~= 'Processing' or not alone[flags] then return false end
  writeThoughFull()
  local entry, past = cut(text, at, length)
  local row = fence + 1 .. ' ' .. state .. ' ' .. stamp .. ' ' .. flags .. ' - ' .. crashes .. ' 0\n\n' .. rest
  redis.call('HSET', key, 'row', row, 'entry', entry, 'history', string.sub(text, past))
  local left, released, entered = listFor('ZREM', processingKey), listFor('SREM', heldKey(owner)), listFor('ZADD', stateKey(state))
  left[#left + 1], released[#released + 1] = id, id
  entered[#entered + 1] = stamp
  entered[#entered + 1] = id
  count(KINDS[state])
  news.finished = true
  return true
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
  APPLY_PLAIN,
  lua`
local function commit(next)
  local row = read(next.id)
  if not row then return 'gone' end
  if row.fence ~= next.fence then return isReplay(row, next) and 'already' or 'stale' end
  apply(row, next)
  return 'applied'
end

seqBlock = #ARGV - 2
local outcomes = {}
for text in take do
  local isDone = string.sub(text, 1, 1) == '=' and applyPlain(text)
  outcomes[#outcomes + 1] = isDone and 'applied' or commit(toChange(text))
end
return done(table.concat(outcomes, ' '))
`,
);

export const commit: Verb<readonly Change[], CommitOutcome[]> = {
  doing: "commit changes",
  script: COMMIT,
  kind: "transition",
  rows: (changes) => changes.length,
  args: (changes) => [
    edgeBudget(changes.length),
    ...changes.map((change) => (isPlain(change) ? plainArg(change) : changeArg(change))),
  ],
  answer: (reply) => toWords(reply).map(toOutcome),
};

function toOutcome(reply: string): CommitOutcome {
  const outcome = OUTCOMES.find((known) => known === reply);
  if (outcome === undefined) throw new TypeError(`unknown outcome ${reply} of a commit`);
  return outcome;
}

function isPlain(change: Change): boolean {
  const { id, state, failed, crashed, queue, parameters, replaced } = change;
  const isNoMore = failed !== true && crashed !== true && queue === undefined && parameters === undefined;
  return isNoMore && replaced === undefined && isAtRest(state) && id.length === 36;
}

function plainArg({ id, fence, state, entry, past }: Change): string {
  return `=${id}${fence} ${state} ${Buffer.byteLength(entry)}\n${entry}${past}`;
}

/** What is so of a change and seldom is, a letter for each; then the texts, those seldom there last. */
function changeArg(change: Change): string {
  const { id, fence, state, entry, past, due, queue, parameters, replaced } = change;
  const texts = [entry, past];
  let how = "-";
  if (change.failed) how += "f";
  if (change.crashed) how += "c";
  if (change.keepSeq) how += "k";
  if (change.keepsPlan) how += "l";
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
