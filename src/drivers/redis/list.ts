import {
  type Hold,
  type JobRecord,
  type JobState,
  type ListQuery,
  mayHold,
  type Page,
} from "../../storage/index.ts";
import type { Database } from "./database.ts";
import { KEYS } from "./keys.ts";
import { toList, toText } from "./reply.ts";
import { ANSWER, ANSWER_CUT, cutArgs, toRecords } from "./row.ts";
import { ARGUMENTS, BYTES_IN_ONE_SCRIPT, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";

const LONGEST_PAGE = 1_000;

/**
 * Places in a state's set are (stateAt, id). Those of one instant are at most what a few scripts wrote within a
 * millisecond: they are looked at together, so that a page starts behind a job that is gone as well.
 */
export const BY_TIME: string = lua`
local function byTime(key, at, id, count, newestFirst)
  local places = {}
  local function add(found, accept)
    for i = 1, #found, 2 do
      if #places < count and accept(found[i]) then places[#places + 1] = { id = found[i], cursor = { found[i + 1], found[i] } } end
    end
  end
  local command = newestFirst and 'ZREVRANGEBYSCORE' or 'ZRANGEBYSCORE'
  if at then
    add(redis.call(command, key, at, at, 'WITHSCORES'), function(other)
      if newestFirst then return other < id end
      return other > id
    end)
  end
  local from, to = at and '(' .. at or (newestFirst and '+inf' or '-inf'), newestFirst and '-inf' or '+inf'
  local room = count - #places
  if room > 0 then
    add(redis.call(command, key, from, to, 'WITHSCORES', 'LIMIT', 0, room), function() return true end)
  end
  return places
end
`;

/** Places of sets in which all scores are 0: the member is the place. */
const BY_PLACE = lua`
local function after(member) return member ~= '' and '(' .. member or '-' end

local function byPlace(key, member, count, add)
  for _, found in ipairs(redis.call('ZRANGEBYLEX', key, after(member), '+', 'LIMIT', 0, count)) do add(found) end
end
`;

/**
 * Ready jobs queue by queue, as claims merge them; then parked ones; then those that wait for a permit. With `only`, a
 * shelf, those and no others.
 */
const ENQUEUED = lua`
local function enqueued(shelf, queue, member, count, only)
  local places = {}
  if only and shelf ~= only then shelf, queue, member = only, '', '' end
  local function room() return count - #places end
  local function addTo(shelf, queue)
    return function(found) places[#places + 1] = { id = placeId(found), cursor = { shelf, queue, found } } end
  end
  local function merge(queue, member)
    local found = {}
    for _, kind in ipairs({ ':ready:', ':slots:' }) do
      byPlace(root .. kind .. queue, member, room(), function(place) found[#found + 1] = place end)
    end
    table.sort(found)
    local add = addTo('ready', queue)
    for nth = 1, math.min(room(), #found) do add(found[nth]) end
  end
  if shelf == 'ready' then
    if queue ~= '' then merge(queue, member) end
    while room() > 0 do
      queue = redis.call('ZRANGEBYLEX', queuesKey, after(queue), '+', 'LIMIT', 0, 1)[1]
      if not queue then break end
      merge(queue, '')
    end
    if only then return places end
    shelf, member = 'parked', ''
  end
  if shelf == 'parked' then
    if room() > 0 then byPlace(parkedKey, member, room(), addTo('parked', '')) end
    if only then return places end
    shelf, member = 'waiting', ''
  end
  if room() > 0 then byPlace(waitingKey, member, room(), addTo('waiting', '')) end
  return places
end
`;

/**
 * `placesOf` answers the next `count` places of a state in the order of its list, behind a cursor's parts; `only` is the
 * shelf of Enqueued that is meant, empty for all.
 */
export const PLACES_OF: string = [
  BY_TIME,
  BY_PLACE,
  ENQUEUED,
  lua`
local function placesOf(state, only, count, a, b, c)
  if state == 'Enqueued' then return enqueued(a or 'ready', b or '', c or '', count, only ~= '' and only) end
  if state ~= 'Scheduled' then return byTime(stateKey(state), a, b, count, state ~= 'Processing') end
  local places = {}
  byPlace(dueKey, a or '', count, function(found) places[#places + 1] = { id = placeId(found), cursor = { found } } end)
  return places
end
`,
].join("\n");

/** The shelf of Enqueued on which jobs with this hold stand. */
export function shelfOf(hold: Hold | null | undefined): string {
  if (hold === undefined) return "";
  return hold === null ? "ready" : hold === "limit" ? "waiting" : "parked";
}

/** Whole rows are answered up to a bound, and so are texts copied that are then cut: the next script goes on there. */
const LIST = new Script(
  KEYS,
  ARGUMENTS,
  ANSWER,
  ANSWER_CUT,
  PLACES_OF,
  lua`
local state, limit, argsChars, entryChars = take(), tonumber(take()), tonumber(take()), tonumber(take())
local places = placesOf(state, '', limit + 1, take(), take(), take())
local cursors, last = {}, 0
for nth = 1, math.min(limit, #places) do
  last = nth
  if answerRow(places[nth].id, argsChars, entryChars) then cursors[#cursors + 1] = places[nth].cursor end
  if answeredBytes > ${String(BYTES_IN_ONE_SCRIPT)} or copiedBytes > ${String(4 * BYTES_IN_ONE_SCRIPT)} then break end
end
return { allAnswers(), cursors, last > 0 and last < #places and places[last].cursor or false }
`,
);

interface Some {
  readonly rows: readonly JobRecord[];
  readonly places: readonly string[];
  readonly cursor: readonly string[] | null;
}

type Ask = Omit<ListQuery, "after"> & { readonly cursor: readonly string[] };

const some: Verb<Ask, Some> = {
  doing: "list jobs",
  script: LIST,
  kind: "read",
  args: ({ state, limit, cut, cursor }) => [state, limit, ...cutArgs(cut), ...cursor],
  answer: (reply) => {
    const [rows, cursors, next] = toList(reply);
    return {
      rows: toRecords(rows),
      places: toPlaces(cursors),
      cursor: next === null ? null : toList(next).map(toText),
    };
  },
};

/** The cursors of rows, as a page tells them. */
export function toPlaces(cursors: unknown): string[] {
  return toList(cursors).map((cursor) => placeText(toList(cursor).map(toText)));
}

export function placeText(cursor: readonly string[]): string {
  return JSON.stringify(cursor);
}

/** One script after another, each of its own moment. */
export async function list(database: Database, query: ListQuery): Promise<Page> {
  const { state, after, ...asked } = query;
  const limit = Math.max(1, Math.min(query.limit, LONGEST_PAGE));
  const rows: JobRecord[] = [];
  const places: string[] = [];
  let cursor: readonly string[] | null = after === undefined ? [] : parseCursor(state, after);
  while (cursor !== null && rows.length < limit) {
    const most = Math.min(limit - rows.length, JOBS_IN_ONE_SCRIPT);
    const found: Some = await database.ask(some, { ...asked, state, limit: most, cursor });
    rows.push(...found.rows);
    places.push(...found.places);
    cursor = found.cursor;
  }
  return { rows, places, next: cursor === null ? null : placeText(cursor) };
}

/** Whether no job of the state can have the hold that is asked for. */
export function findsNothing({ state, where }: ListQuery): boolean {
  return where?.hold !== undefined && !mayHold(state, where.hold);
}

/** A cursor comes from outside (a URL): anything else than what a page has answered reads as the start. */
export function parseCursor(state: JobState, cursor: string): string[] {
  const parts = parseTexts(cursor);
  const [first = ""] = parts;
  if (state === "Scheduled") return parts.length === 1 ? parts : [];
  if (state === "Enqueued") return parts.length === 3 && /^(ready|parked|waiting)$/.test(first) ? parts : [];
  return parts.length === 2 && /^-?\d{1,16}$/.test(first) ? parts : [];
}

function parseTexts(cursor: string): string[] {
  try {
    const parts: unknown = JSON.parse(cursor);
    return Array.isArray(parts) ? parts.map(String) : [];
  } catch {
    return [];
  }
}
