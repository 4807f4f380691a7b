import {
  type JobRecord,
  type JobState,
  type JobWhere,
  type ListQuery,
  MAX_SCAN,
  type Page,
  type RowCut,
} from "../../storage/index.ts";
import type { Database } from "./database.ts";
import { KEYS } from "./keys.ts";
import { findsNothing, PLACES_OF, parseCursor, placeText, shelfOf, toPlaces } from "./list.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { ANSWER, ANSWER_CUT, cutArgs, toRecords } from "./row.ts";
import { ROW_TEXT } from "./row-text.ts";
import { ARGUMENTS, BYTES_IN_ONE_SCRIPT, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";

/** Rows that one script looks at: about as long as a script of `JOBS_IN_ONE_SCRIPT` that writes. */
export const ROWS_LOOKED_AT = 250;
/** And how much of them it reads before it looks at no further one: searching a text takes longer than answering it. */
const BYTES_READ = 262_144;
const LONGEST_PAGE = 1_000;

/** Rows are looked at in the order of the list until enough match, or the script has read as much as it may. */
const LOOK = new Script(
  KEYS,
  ARGUMENTS,
  ANSWER,
  ANSWER_CUT,
  ROW_TEXT,
  PLACES_OF,
  lua`
local state, only, want, most = take(), take(), tonumber(take()), tonumber(take())
local argsChars, entryChars = tonumber(take()), tonumber(take())
local conditions = {}
for nth = 1, tonumber(take()) do conditions[nth] = { take(), take() } end
local places = placesOf(state, only, most + 1, take(), take(), take())

local bytesRead = 0
local function read(id, field)
  local text = redis.call('HGET', jobKey(id), field) or ''
  bytesRead = bytesRead + #text
  return text
end

local row = {}
local function rowOf(id)
  if row.id ~= id then
    row = { id = id }
    row.stateAt, row.queue, row.name = string.match(read(id, 'row'), ROW_SOUGHT)
  end
  return row
end

-- In the C locale these are ASCII letters and no others; nothing is a pattern.
local function contains(text, part)
  return string.find(string.lower(text), string.lower(part), 1, true)
end

local MEETS = {
  name = function(id, value) return rowOf(id).name == value end,
  queue = function(id, value) return rowOf(id).queue == value end,
  since = function(id, value) return tonumber(rowOf(id).stateAt or 0) >= tonumber(value) end,
  before = function(id, value) return tonumber(rowOf(id).stateAt or 0) < tonumber(value) end,
  tag = function(id, value) return string.find(read(id, 'tags'), value, 1, true) end,
  args = function(id, value) return contains(read(id, 'args'), value) end,
  entry = function(id, value) return contains(read(id, 'entry'), value) end,
}

local function matches(id)
  for _, condition in ipairs(conditions) do
    if not MEETS[condition[1]](id, condition[2]) then return false end
  end
  return true
end

local looked, cursors = 0, {}
for nth = 1, math.min(most, #places) do
  looked = nth
  if matches(places[nth].id) and answerRow(places[nth].id, argsChars, entryChars) then
    cursors[#cursors + 1] = places[nth].cursor
  end
  local isLong = bytesRead > ${String(BYTES_READ)} or copiedBytes > ${String(4 * BYTES_IN_ONE_SCRIPT)}
  if #cursors >= want or isLong or answeredBytes > ${String(BYTES_IN_ONE_SCRIPT)} then break end
end
return { allAnswers(), cursors, looked, looked < #places and places[looked].cursor or false }
`,
);

interface Look {
  readonly state: JobState;
  readonly shelf: string;
  readonly cut: RowCut | undefined;
  readonly want: number;
  readonly most: number;
  readonly conditions: readonly Condition[];
  readonly cursor: readonly (string | number)[];
}

interface Looked {
  readonly rows: readonly JobRecord[];
  readonly places: readonly string[];
  readonly looked: number;
  /** The last row that was looked at; null when none is behind it. */
  readonly cursor: readonly string[] | null;
}

const look: Verb<Look, Looked> = {
  doing: "search jobs",
  script: LOOK,
  kind: "read",
  args: ({ state, shelf, cut, want, most, conditions, cursor }) => [
    state,
    shelf,
    want,
    most,
    ...cutArgs(cut),
    conditions.length,
    ...conditions.flat(),
    ...cursor,
  ],
  answer: (reply) => {
    const [rows, cursors, looked, cursor] = toList(reply);
    return {
      rows: toRecords(rows),
      places: toPlaces(cursors),
      looked: toNumber(looked),
      cursor: cursor === null ? null : toList(cursor).map(toText),
    };
  },
};

type Search = ListQuery & { readonly where: JobWhere };

/** One script after another, each of its own moment: nobody waits for a whole search. */
export async function search(database: Database, query: Search): Promise<Page> {
  const { state, where, cut } = query;
  if (findsNothing(query)) return { rows: [], places: [], next: null };
  const limit = Math.max(1, Math.min(query.limit, LONGEST_PAGE));
  const asked = { state, shelf: shelfOf(where.hold), cut, conditions: conditionsOf(where) };
  const rows: JobRecord[] = [];
  const places: string[] = [];
  let left = Math.max(1, Math.min(query.scan ?? MAX_SCAN, MAX_SCAN));
  let cursor = startOf(query);
  do {
    const want = Math.min(limit - rows.length, JOBS_IN_ONE_SCRIPT);
    const found = await database.ask(look, { ...asked, want, most: Math.min(left, ROWS_LOOKED_AT), cursor });
    for (const [nth, job] of found.rows.entries()) {
      if (!isTagged(job, where)) continue;
      rows.push(job);
      places.push(found.places[nth] ?? "");
    }
    if (found.cursor === null || isBehind(found.cursor, query)) return { rows, places, next: null };
    cursor = found.cursor;
    left -= found.looked;
  } while (rows.length < limit && left > 0);
  return { rows, places, next: placeText(cursor.map(String)) };
}

type Condition = readonly [kind: keyof JobWhere, value: string | number];

/** The cheapest first: a text is read where all else is met. */
function conditionsOf({ name, queue, since, before, tag, args, entry }: JobWhere): Condition[] {
  const all: [keyof JobWhere, string | number | undefined][] = [
    ["name", name],
    ["queue", queue],
    ["since", since],
    ["before", before],
    ["tag", tag === undefined ? undefined : JSON.stringify(tag)],
    ["entry", entry],
    ["args", args],
  ];
  return all.flatMap(([kind, value]): Condition[] => (value === undefined ? [] : [[kind, value]]));
}

/** The script finds a tag as it stands in the text of all: what only looks like it (`","`) is found out here. */
function isTagged({ tags }: JobRecord, { tag }: JobWhere): boolean {
  return tag === undefined || tags.includes(tag);
}

/** A list by time, the newest first, begins where `before` says, and has ended where `since` says. */
function startOf({ state, after, where }: Search): readonly (string | number)[] {
  const cursor = after === undefined ? [] : parseCursor(state, after);
  const jumps = cursor.length === 0 && where.before !== undefined && isNewestFirst(state);
  return jumps ? [where.before ?? 0, ""] : cursor;
}

function isBehind([at]: readonly string[], { state, where }: Search): boolean {
  return where.since !== undefined && isNewestFirst(state) && Number(at) < where.since;
}

function isNewestFirst(state: JobState): boolean {
  return state !== "Enqueued" && state !== "Scheduled" && state !== "Processing";
}
