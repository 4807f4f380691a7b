/**
 * What every job has, as one text in one field. Fields of their own would be easier to look at, and are what a script
 * pays for: each is copied and named on its way into Lua and out of it, and 14 of them make Redis give a row a table of
 * its own. Two lines change with nearly every write, two rarely do:
 *
 * ```
 * <fence> <state> <stateAt> <flags> <hold or -> <crashes> <blamed>
 * <owner>
 * <rank + 32768, 5 digits><seq, 16 digits> <failures> <createdAt> <dueAt or -> <queue>
 * <name>
 * ```
 */
import { lua } from "./script.ts";

/** What a claim does not make anew: fence, flags, crashes, and the lines that rarely change. */
export const ROW_CLAIMED: string = lua`
local ROW_CLAIMED = '^(%d+) %a+ %d+ (%d+) %S+ (%d+) %d\n[^\n]*\n(.*)$'
`;

/** Lua's half. `parse` reads what nearly every write needs, `whole` the rest as well. */
export const ROW_TEXT: string = lua`
local function parse(id, text)
  local fence, state, stateAt, flags, hold, crashes, blamed, owner, rest = string.match(text,
    '^(%d+) (%a+) (%d+) (%d+) (%S+) (%d+) (%d)\n([^\n]*)\n(.*)$')
  if not fence then return nil end
  return { id = id, fence = tonumber(fence), state = state, stateAt = stateAt, flags = tonumber(flags),
    hold = hold ~= '-' and hold, crashes = tonumber(crashes), blamed = blamed == '1', owner = owner, rest = rest }
end

-- What the end of a run asks: fence, state and flags as they are, crashes, and the lines that rarely change.
local ROW_RUNNING = '^(%d+) (%a+) %d+ (%d+) %S+ (%d+) %d\n([^\n]*)\n(.*)$'
-- What a search asks: when the state was entered, queue and name.
local ROW_SOUGHT = '^%d+ %a+ (%d+) [^\n]*\n[^\n]*\n%d+ %d+ %d+ %S+ ([^\n]*)\n(.*)$'

local function whole(row)
  if not row.place then
    row.place, row.failures, row.createdAt, row.dueAt, row.queue, row.name = string.match(row.rest,
      '^(%d+) (%d+) (%d+) (%S+) ([^\n]*)\n(.*)$')
  end
  return row
end

local function restText(place, failures, createdAt, dueAt, queue, name)
  return place .. ' ' .. failures .. ' ' .. createdAt .. ' ' .. dueAt .. ' ' .. queue .. '\n' .. name
end

local function rowText(row)
  return row.fence .. ' ' .. row.state .. ' ' .. row.stateAt .. ' ' .. row.flags .. ' ' .. (row.hold or '-') .. ' ' ..
    row.crashes .. (row.blamed and ' 1\n' or ' 0\n') .. (row.owner or '') .. '\n' .. row.rest
end
`;

/** What a row's text says, as text. */
export interface RowText {
  readonly fence: string;
  readonly state: string;
  readonly stateAt: string;
  readonly flags: string;
  readonly hold: string;
  readonly crashes: string;
  readonly owner: string;
  readonly rank: string;
  readonly seq: string;
  readonly failures: string;
  readonly createdAt: string;
  readonly dueAt: string;
  readonly queue: string;
  readonly name: string;
}

const ROW =
  /^(\d+) (\w+) (\d+) (\d+) (\S+) (\d+) \d\n([^\n]*)\n(\d{5})(\d{16}) (\d+) (\d+) (\S+) ([^\n]*)\n(.*)$/s;

/** The other half. */
export function parseRow(text: string): RowText {
  const found = ROW.exec(text);
  if (found === null) throw new TypeError(`a row was to be read and is ${JSON.stringify(text.slice(0, 60))}`);
  const [, fence = "", state = "", stateAt = "", flags = "", hold = "", crashes = "", owner = ""] = found;
  const [rank = "", seq = "", failures = "", createdAt = "", dueAt = "", queue = "", name = ""] =
    found.slice(8);
  return {
    fence,
    state,
    stateAt,
    flags,
    hold,
    crashes,
    owner,
    rank,
    seq,
    failures,
    createdAt,
    dueAt,
    queue,
    name,
  };
}
