import {
  type ClaimedJob,
  type Hold,
  JOB_STATES,
  type JobLimit,
  type JobRecord,
  type JobState,
  type RowCut,
} from "../../storage/index.ts";
import { Unpacking } from "./packing.ts";
import { toNumber } from "./reply.ts";
import { parseRow } from "./row-text.ts";
import { lua } from "./script.ts";

const HOLDS: readonly Hold[] = ["due", "gate", "unknown", "limit"];

/**
 * Whole rows for the caller, packed: the id and the fields with the lengths of their values, then the values. It gives
 * the text of the row itself; nil when there is none.
 */
export const ANSWER: string = lua`
local answers, answeredBytes = {}, 0

local function add(text)
  answers[#answers + 1] = text
  answeredBytes = answeredBytes + #text
end

local function answer(id)
  local fields = redis.call('HGETALL', jobKey(id))
  local a, b, c, d, e, f, more = unpack(fields)
  -- A new job has these three fields and no more: made in one go, for to Lua each text on the way is as dear as the last.
  if f and not more then
    local row = a == 'row' and b or c == 'row' and d or e == 'row' and f or nil
    if row then add(id .. ' ' .. a .. ' ' .. #b .. ' ' .. c .. ' ' .. #d .. ' ' .. e .. ' ' .. #f .. '\n' .. b .. d .. f) end
    return row
  end
  local line, values, row = id, '', nil
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
    if name == 'row' then row = value end
    line = line .. ' ' .. name .. ' ' .. #value
    values = values .. value
  end
  if row then add(line .. '\n' .. values) end
  return row
end

local function allAnswers()
  local text = table.concat(answers)
  return { #text, text }
end
`;

/**
 * `answerRow` answers a row as the caller wants it: whole, or what people are shown of it. Texts are cut between two
 * characters, none of which has more than three bytes for each unit of UTF-16: so enough is left.
 */
export const ANSWER_CUT: string = lua`
local copiedBytes = 0
local SHOWN = { 'row', 'displayName', 'plannedAt', 'tags', 'limitKey', 'limitMax', 'limitSkip' }

local function isWithin(text, at)
  local byte = string.byte(text, at)
  return byte and byte >= 128 and byte < 192
end

local function head(text, chars)
  local last = 3 * chars + 3
  if #text <= last then return text end
  while isWithin(text, last + 1) do last = last - 1 end
  return string.sub(text, 1, last)
end

local function tail(text, chars)
  local first = #text - (3 * chars + 3) + 1
  if first <= 1 then return text end
  while isWithin(text, first) do first = first + 1 end
  return string.sub(text, first)
end

local function answerRow(id, args, entry)
  if not entry then return answer(id) end
  local key = jobKey(id)
  local values = redis.call('HMGET', key, unpack(SHOWN))
  local row = values[1]
  if not row then return nil end
  local line, texts = id, {}
  local function put(name, value)
    if not value then return end
    line = line .. ' ' .. name .. ' ' .. #value
    texts[#texts + 1] = value
  end
  local function copied(field)
    local text = redis.call('HGET', key, field) or ''
    copiedBytes = copiedBytes + #text
    return text
  end
  for nth, name in ipairs(SHOWN) do put(name, values[nth]) end
  if args > 0 then put('args', head(copied('args'), args)) end
  put('entry', head(copied('entry'), entry))
  if string.match(row, '^%d+ (%a+)') == 'Enqueued' then put('history', tail(copied('history'), entry)) end
  add(line .. '\n' .. table.concat(texts))
  return row
end
`;

/** What `answerRow` is to be given: how much of the texts is wanted; nothing for whole rows. */
export function cutArgs(cut: RowCut | undefined): readonly (string | number)[] {
  return cut === undefined ? ["", ""] : [Math.max(cut.args, 0), Math.max(cut.entry, 1)];
}

type Fields = ReadonlyMap<string, string>;

/** What a claim makes of a row that was read just before it. */
interface Claiming {
  readonly now: number;
  readonly entry: string;
  readonly owner: string;
}

export function toRecords(reply: unknown): JobRecord[] {
  return eachRow(reply, (id, fields) => toRecord(id, fields));
}

/** `blamed` has a digit for each job: 1 when a crash of its owner counts for it from now on. */
export function toClaimed(reply: unknown, blamed: string, claiming: Claiming): ClaimedJob[] {
  return eachRow(reply, (id, fields, nth) =>
    Object.assign(toRecord(id, fields, claiming), { blamed: blamed[nth] === "1" }),
  );
}

function eachRow<Row>(reply: unknown, toRow: (id: string, fields: Fields, nth: number) => Row): Row[] {
  const packed = new Unpacking(reply);
  const rows: Row[] = [];
  while (!packed.isAtEnd) {
    const [id = "", ...names] = packed.line().split(" ");
    const fields = new Map<string, string>();
    for (let at = 0; at + 1 < names.length; at += 2)
      fields.set(names[at] ?? "", packed.text(Number(names[at + 1])));
    rows.push(toRow(id, fields, rows.length));
  }
  return rows;
}

function toRecord(id: string, fields: Fields, claiming?: Claiming): JobRecord {
  const row = parseRow(fields.get("row") ?? "");
  const parameters = fields.get("parameters");
  const tags = fields.get("tags");
  return {
    id,
    queue: row.queue,
    rank: toNumber(row.rank) - 32_768,
    seq: toNumber(row.seq),
    state: claiming === undefined ? toState(row.state) : "Processing",
    stateAt: claiming === undefined ? toNumber(row.stateAt) : claiming.now,
    entry: claiming === undefined ? (fields.get("entry") ?? "") : claiming.entry,
    hold: claiming === undefined ? toHold(row.hold) : null,
    createdAt: toNumber(row.createdAt),
    dueAt: row.dueAt === "-" ? null : toNumber(row.dueAt),
    plannedAt: fields.has("plannedAt") ? toNumber(fields.get("plannedAt")) : null,
    name: row.name,
    args: fields.get("args") ?? "",
    displayName: fields.get("displayName") ?? null,
    failures: toNumber(row.failures),
    crashes: toNumber(row.crashes),
    fence: toNumber(row.fence) + (claiming === undefined ? 0 : 1),
    owner: claiming === undefined ? row.owner || null : claiming.owner,
    flags: toNumber(row.flags),
    history: fields.get("history") ?? "",
    limit: fields.has("limitKey") ? toLimit(fields) : null,
    parameters: parameters ?? null,
    tags: tags === undefined ? [] : JSON.parse(tags),
  };
}

function toLimit(fields: Fields): JobLimit {
  return {
    key: fields.get("limitKey") ?? "",
    max: toNumber(fields.get("limitMax")),
    whenFull: fields.has("limitSkip") ? "skip" : "wait",
  };
}

export function toState(value: unknown): JobState {
  const state = JOB_STATES.find((known) => known === value);
  if (state === undefined) throw new TypeError(`unknown state ${String(value)} in the storage`);
  return state;
}

function toHold(value: string): Hold | null {
  return HOLDS.find((known) => known === value) ?? null;
}
