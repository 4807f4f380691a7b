import type { JobState, ListQuery, Page } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toText } from "./reply.ts";
import { ANSWER, toRecords } from "./row.ts";
import { ARGUMENTS, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";

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

/** Ready jobs queue by queue, as claims merge them; then parked ones; then those that wait for a permit. */
const ENQUEUED = lua`
local function enqueued(shelf, queue, member, count)
  local places = {}
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
    shelf, member = 'parked', ''
  end
  if shelf == 'parked' then
    if room() > 0 then byPlace(parkedKey, member, room(), addTo('parked', '')) end
    shelf, member = 'waiting', ''
  end
  if room() > 0 then byPlace(waitingKey, member, room(), addTo('waiting', '')) end
  return places
end
`;

/** `placesOf` answers the next `count` places of a state in the order of its list, behind a cursor's parts. */
export const PLACES_OF: string = [
  BY_TIME,
  BY_PLACE,
  ENQUEUED,
  lua`
local function placesOf(state, count, a, b, c)
  if state == 'Enqueued' then return enqueued(a or 'ready', b or '', c or '', count) end
  if state ~= 'Scheduled' then return byTime(stateKey(state), a, b, count, state ~= 'Processing') end
  local places = {}
  byPlace(dueKey, a or '', count, function(found) places[#places + 1] = { id = placeId(found), cursor = { found } } end)
  return places
end
`,
].join("\n");

const LIST = new Script(
  KEYS,
  ARGUMENTS,
  ANSWER,
  PLACES_OF,
  lua`
local state, limit = take(), tonumber(take())
local places = placesOf(state, limit + 1, take(), take(), take())
for nth = 1, math.min(limit, #places) do answer(places[nth].id) end
return { allAnswers(), #places > limit and places[limit].cursor or false }
`,
);

export const list: Verb<ListQuery, Page> = {
  doing: "list jobs",
  script: LIST,
  kind: "read",
  args: ({ state, limit, after }) => [
    state,
    Math.min(limit, JOBS_IN_ONE_SCRIPT),
    ...(after === undefined ? [] : parseCursor(state, after)),
  ],
  answer: (reply) => {
    const [rows, next] = toList(reply);
    return { rows: toRecords(rows), next: next === null ? null : JSON.stringify(toList(next).map(toText)) };
  },
};

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
