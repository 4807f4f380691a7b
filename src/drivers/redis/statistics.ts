import { STATISTICS_MS, type StatisticsHour, type StatisticsRange } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { ARGUMENTS, lua, Script, type Verb } from "./script.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A script stays short: about 100 fields for each day. */
export const DAYS_IN_ONE_SCRIPT = 30;

/**
 * Counts by hours, gathered by a script and written once. The hours of a day are one hash of at most 96 small fields,
 * which Redis packs: a year of them is about a megabyte. A day that is new takes those along that are too old.
 */
export const TALLY: string = lua`
local tally = {}
local function count(kind) tally[kind] = (tally[kind] or 0) + 1 end

local function forgetDays(before)
  for _, day in ipairs(redis.call('ZRANGEBYSCORE', daysKey, '-inf', '(' .. before, 'LIMIT', 0, 10)) do
    redis.call('UNLINK', dayKey(day))
    redis.call('ZREM', daysKey, day)
  end
end

local function writeTally()
  local hour = now - now % ${HOUR_MS}
  local day = string.format('%d', now - now % ${DAY_MS})
  for kind, by in pairs(tally) do
    local total = redis.call('HINCRBY', dayKey(day), string.format('%d', hour) .. ' ' .. kind, by)
    if total == by and redis.call('ZADD', daysKey, day, day) == 1 then
      forgetDays(string.format('%d', day - ${STATISTICS_MS}))
    end
  end
end
`;

const DAYS = new Script(
  KEYS,
  ARGUMENTS,
  lua`return redis.call('ZRANGEBYSCORE', daysKey, take(), '(' .. take())`,
);

/** The days of which a range has an hour. */
export const days: Verb<StatisticsRange, string[]> = {
  doing: "read statistics",
  script: DAYS,
  kind: "read",
  args: ({ from, to }) => [from - DAY_MS, to],
  answer: (reply) => toList(reply).map(toText),
};

const HOURS = new Script(
  KEYS,
  lua`
local hours = {}
for _, day in ipairs(ARGV) do hours[#hours + 1] = redis.call('HGETALL', dayKey(day)) end
return hours
`,
);

type Counts = { -readonly [Kind in keyof StatisticsHour]: number };

/** All hours of these days, oldest first. */
export const hours: Verb<readonly string[], StatisticsHour[]> = {
  doing: "read statistics",
  script: HOURS,
  kind: "read",
  args: (found) => found,
  answer: (reply) => {
    const byHour = new Map<number, Counts>();
    for (const fields of toList(reply)) countFields(toList(fields), byHour);
    return [...byHour.values()].sort((a, b) => a.at - b.at);
  },
};

function countFields(fields: readonly unknown[], byHour: Map<number, Counts>): void {
  for (let nth = 0; nth < fields.length; nth += 2) {
    const [hour, kind] = toText(fields[nth]).split(" ");
    const at = toNumber(hour);
    const counts = byHour.get(at) ?? { at, succeeded: 0, failed: 0, deleted: 0, retried: 0 };
    byHour.set(at, counts);
    if (kind === "succeeded" || kind === "failed" || kind === "deleted" || kind === "retried")
      counts[kind] += toNumber(fields[nth + 1]);
  }
}
