import { type Due, FLAG, type InsertOutcome, type NewJob, TAIL } from "../../storage/index.ts";
import { LOOK_UP_PARENTS } from "./gates.ts";
import { KEYS } from "./keys.ts";
import { toList, toText } from "./reply.ts";
import { TRANSITION } from "./row.ts";
import { ARGUMENTS, lua, Script, type Verb } from "./script.ts";

/** Writes a new row and puts it where its first state belongs. */
const STORE = lua`
local function store(job, row)
  row.id, row.queue, row.rank, row.stateAt, row.flags = job.id, job.queue, job.rank, stamp, row.flags or 0
  row.seq = nextSeq()
  local fields = {'fence', 1, 'state', row.state, 'stateAt', stamp, 'queue', job.queue, 'rank', job.rank,
    'seq', row.seq, 'createdAt', stamp, 'name', job.name, 'args', job.args}
  local function add(field, value)
    if not value then return end
    fields[#fields + 1] = field
    fields[#fields + 1] = value
  end
  add('displayName', job.displayName)
  add('entry', row.entry)
  add('hold', row.hold)
  add('dueAt', row.dueAt)
  add('plannedAt', row.dueAt or job.plannedAt)
  add('history', row.history)
  add('parents', row.parents)
  add('open', row.open)
  add('flags', row.flags > 0 and row.flags)
  redis.call('HSET', jobKey(job.id), unpack(fields))
  enter(row)
  return row
end

local function storeReady(job)
  store(job, { state = 'Enqueued', history = line(stamp, job.entry) })
  return 'inserted'
end

-- A delay counts from the store's own now; a client's clock never decides when a delayed job runs.
local function storeDue(job)
  local kind, value = string.sub(job.due, 1, 2), tonumber(string.sub(job.due, 4))
  local dueAt = kind == 'in' and now + value or value
  store(job, { state = 'Scheduled', hold = 'due', dueAt = dueAt, entry = job.entry })
  return 'inserted'
end

local function storeGated(job)
  local parents, open, broken, missing = lookUpParents(job.parents)
  if missing then return missing end
  local row = { parents = job.parents, flags = ${FLAG.gated} }
  if broken then
    row.state, row.entry, row.history = 'Deleted', tails.conditionNotMet, line(stamp, job.entry)
  elseif open == 0 then
    row.state, row.history = 'Enqueued', line(stamp, job.entry) .. line(stamp, tails.released)
  else
    row.state, row.hold, row.entry, row.open = 'Awaiting', 'gate', job.entry, open
  end
  tie(parents, store(job, row))
  return 'inserted'
end
`;

const INSERT = new Script(
  KEYS,
  ARGUMENTS,
  TRANSITION,
  lua`local tails = { released = take(), conditionNotMet = take() }`,
  LOOK_UP_PARENTS,
  STORE,
  lua`
local function insert(job)
  if redis.call('EXISTS', jobKey(job.id)) == 1 then return 'exists' end
  if job.parents ~= '' then return storeGated(job) end
  if job.due ~= '' then return storeDue(job) end
  return storeReady(job)
end

local outcomes = {}
for i = 1, tonumber(take()) do
  local job = { id = take(), queue = take(), rank = take(), name = take(), args = take(), entry = take(),
    due = take(), parents = take(), plannedAt = take() }
  if job.plannedAt == '' then job.plannedAt = nil end
  job.displayName = take() == '1' and take()
  outcomes[i] = insert(job)
end
flush()
return outcomes
`,
);

export const insert: Verb<readonly NewJob[], InsertOutcome[]> = {
  doing: "store jobs",
  script: INSERT,
  args: (jobs) => [TAIL.released, TAIL.conditionNotMet, jobs.length, ...jobs.flatMap(jobArgs)],
  answer: (reply) => toList(reply).map(toOutcome),
};

function jobArgs(job: NewJob): (string | number)[] {
  return [
    job.id,
    job.queue,
    job.rank,
    job.name,
    job.args,
    job.entry,
    job.due === undefined ? "" : dueArg(job.due),
    job.gate === undefined ? "" : [...new Set(job.gate.parents)].join(" "),
    job.plannedAt ?? "",
    ...(job.displayName === null ? [0] : [1, job.displayName]),
  ];
}

/** `in 5000` or `at 1790000000000`. */
export function dueArg(due: Due): string {
  return "in" in due ? `in ${due.in}` : `at ${due.at}`;
}

/** A text that is no outcome is the id of the parent that is gone. */
function toOutcome(reply: unknown): InsertOutcome {
  const text = toText(reply);
  return text === "inserted" || text === "exists"
    ? { outcome: text }
    : { outcome: "parent-not-found", parent: text };
}
