/** A new row: what callers give for it, and how it is written. */
import { type Due, FLAG, type NewJob } from "../../storage/index.ts";
import { packed } from "./packing.ts";
import { lua } from "./script.ts";

/** `in5000` or `at1790000000000`. */
export function dueArg(due: Due): string {
  return "in" in due ? `in${due.in}` : `at${due.at}`;
}

/** A delay counts from the store's own now; a client's clock never decides when a delayed job runs. */
export const DUE_AT: string = lua`
local function dueAt(due)
  local value = tonumber(string.sub(due, 3))
  return string.format('%d', string.sub(due, 1, 2) == 'in' and now + value or value)
end
`;

/**
 * Jobs to which nothing is attached differ in little: what they have in common is sent once, in front, and of each only
 * its id, which of the common parts is its own, and its arguments.
 */
export function jobsArgs(jobs: readonly NewJob[]): string[] {
  const shapes = new Shapes();
  const args = jobs.map((job) =>
    isPlain(job) ? `=${job.id}${shapes.numberOf(job)}\n${job.args}` : jobArg(job),
  );
  return [...shapes.args(), ...args];
}

/** What every job has, then what this one has beside it, by name. */
export function jobArg(job: NewJob): string {
  const { id, queue, rank, name, args, entry } = job;
  const attached = attachedTo(job);
  const names = attached.map(([field]) => field).join(",");
  const values = attached.map(([, value]) => value);
  return packed(`${id} ${rank} ${names || "-"}`, [queue, name, args, entry, ...values]);
}

class Shapes {
  readonly #numbers = new Map<string, number>();
  /** Jobs that come together are mostly alike: then nothing is put together to look it up. */
  #latest: { readonly job: NewJob; readonly number: number } | undefined;

  numberOf(job: NewJob): number {
    if (this.#latest === undefined || !areAlike(this.#latest.job, job)) {
      const { rank, queue, name, entry } = job;
      const shape = packed(String(rank), [queue, name, entry]);
      const number = this.#numbers.get(shape) ?? this.#numbers.size + 1;
      this.#numbers.set(shape, number);
      this.#latest = { job, number };
    }
    return this.#latest.number;
  }

  args(): string[] {
    return [String(this.#numbers.size), ...this.#numbers.keys()];
  }
}

function areAlike(a: NewJob, b: NewJob): boolean {
  return a.queue === b.queue && a.rank === b.rank && a.name === b.name && a.entry === b.entry;
}

export function isPlain({ id, displayName, due, plannedAt, gate, limit, parameters, tags }: NewJob): boolean {
  return (
    id.length === 36 &&
    displayName === null &&
    due === undefined &&
    plannedAt === undefined &&
    gate === undefined &&
    limit === undefined &&
    parameters === undefined &&
    (tags === undefined || tags.length === 0)
  );
}

function attachedTo(job: NewJob): [field: string, value: string][] {
  const { displayName, due, plannedAt, gate, limit, parameters, tags } = job;
  const attached: [string, string][] = [];
  if (displayName !== null) attached.push(["displayName", displayName]);
  if (due !== undefined) attached.push(["due", dueArg(due)]);
  if (plannedAt !== undefined) attached.push(["plannedAt", String(plannedAt)]);
  if (gate !== undefined) attached.push(["parents", gate.parents.join(" ")], ["condition", gate.condition]);
  if (limit !== undefined) attached.push(["limitKey", limit.key], ["limitMax", String(limit.max)]);
  if (limit?.whenFull === "skip") attached.push(["limitSkip", "1"]);
  if (parameters !== undefined) attached.push(["parameters", parameters]);
  if (tags !== undefined && tags.length > 0) attached.push(["tags", JSON.stringify(tags)]);
  return attached;
}

/** Writes a new row and puts it where its first state belongs. */
export const STORE: string = lua`
local function toJob(text)
  local id, rank, attached, queue, name, args, entry, more, at = string.match(text,
    '^(%S+) (%S+) (%S+) (%d+) (%d+) (%d+) (%d+)([^\n]*)\n()')
  local job = { id = id, rank = rank }
  job.queue, at = cut(text, at, queue)
  job.name, at = cut(text, at, name)
  job.args, at = cut(text, at, args)
  job.entry, at = cut(text, at, entry)
  if more ~= '' then
    local field = string.gmatch(attached, '%a+')
    for length in string.gmatch(more, '%d+') do
      local value
      value, at = cut(text, at, length)
      job[field()] = value
    end
  end
  return job
end

local ATTACHED = { 'displayName', 'plannedAt', 'parents', 'condition', 'limitKey', 'limitMax', 'limitSkip', 'parameters', 'tags' }

-- The row as it will be, without its first state.
local function begin(job)
  local flags = (job.parents and ${FLAG.gated} or 0) + (job.limitKey and ${FLAG.limited} or 0)
  local limit = job.limitKey and { key = job.limitKey, max = tonumber(job.limitMax), skip = job.limitSkip }
  return { id = job.id, fence = 1, stateAt = stamp, flags = flags, crashes = 0, place = placeOf(job.rank, nextSeq()),
    failures = 0, createdAt = stamp, dueAt = '-', queue = job.queue, name = job.name, limit = limit }
end

local function store(job, row)
  row.rest = restText(row.place, 0, stamp, row.dueAt, row.queue, row.name)
  local fields = { 'row', rowText(row), 'args', job.args }
  local function add(field, value)
    if not value then return end
    fields[#fields + 1] = field
    fields[#fields + 1] = value
  end
  if row.dueAt ~= '-' then job.plannedAt = job.plannedAt or row.dueAt end
  for _, field in ipairs(ATTACHED) do add(field, job[field]) end
  add('entry', row.entry ~= '' and row.entry)
  add('history', row.history)
  add('open', row.open)
  add('tied', row.open and seqDigits(row.place))
  redis.call('HSET', jobKey(job.id), unpack(fields))
  enter(row)
  return row
end

-- A job that nothing but its limit holds.
local function storeEntering(job, history)
  local row = begin(job)
  row.state, row.hold, row.entry = admission(row, row.place)
  row.history = history
  return store(job, row)
end

local function storeDue(job)
  local row = begin(job)
  row.state, row.hold, row.entry, row.dueAt = 'Scheduled', 'due', job.entry, dueAt(job.due)
  store(job, row)
end

local function storeUngated(job)
  if job.due then storeDue(job) else storeEntering(job, line(stamp, job.entry)) end
end

local function isThere(job) return redis.call('EXISTS', jobKey(job.id)) == 1 end
`;

/** Jobs to which nothing is attached: the same as `STORE` makes of them, without the steps that they do not need. */
export const STORE_PLAIN: string = lua`
local shapes = {}

local function takeShape(number)
  local text = take()
  local rank, queue, name, entry, at = string.match(text, '^(%S+) (%d+) (%d+) (%d+)\n()')
  queue, at = cut(text, at, queue)
  name, at = cut(text, at, name)
  entry = cut(text, at, entry)
  local place = placeOf(rank, 0)
  shapes[tostring(number)] = { queue = queue, readyKey = root .. ':ready:' .. queue, rank = string.sub(place, 1, 5),
    head = '1 Enqueued ' .. stamp .. ' 0 - 0 0\n\n', rest = ' 0 ' .. stamp .. ' - ' .. queue .. '\n' .. name,
    history = line(stamp, entry) }
end

local function plainKey(text) return jobKey(string.sub(text, 2, 37)) end

local function storePlain(text, key)
  local number, at = string.match(text, '^(%d+)\n()', 38)
  local shape = shapes[number]
  local place = shape.rank .. string.format('%016d', nextSeq())
  redis.call('HSET', key, 'row', shape.head .. place .. shape.rest, 'args', string.sub(text, at), 'history', shape.history)
  local ready = listFor('ZADD', shape.readyKey)
  ready[#ready + 1] = 0
  ready[#ready + 1] = place .. string.sub(text, 2, 37)
  enqueued = enqueued + 1
  shape.isUsed = true
  return 'inserted'
end

local function touchShapes()
  for _, shape in pairs(shapes) do
    if shape.isUsed then queuesTouched[shape.queue], news.ready[shape.queue] = true, true end
  end
end
`;
