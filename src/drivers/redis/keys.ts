import { lua } from "./script.ts";

/**
 * Where everything is. One storage is one hash slot: every key begins with the same hash tag, the root, which scripts
 * get as KEYS[1] and append to; so a script may touch any job of its storage, on a cluster too.
 *
 * | key | type | holds |
 * |---|---|---|
 * | `{prefix}:job:<id>` | hash | the row; a field that has its default is left out |
 * | `{prefix}:seq` | number | the last seq that was assigned |
 * | `{prefix}:state:<state>` | sorted set | every id of the state: score stateAt; its size is the counter |
 * | `{prefix}:ready:<queue>` | sorted set | what may run now: member `readyPlace`, rank and seq |
 * | `{prefix}:recovered:<queue>` | sorted set | the same for jobs with `FLAG.recovered`, which buffers pass over |
 * | `{prefix}:due` | sorted set | hold `due`: member `duePlace`, dueAt and seq |
 * | `{prefix}:held:<incarnation>` | sorted set | ids that an incarnation has in Processing: score stateAt |
 * | `{prefix}:owners` | set | incarnations that may hold something, announced or not |
 * | `{prefix}:leases` | sorted set | score: when the lease runs out |
 * | `{prefix}:server:<incarnation>` | hash | what it announced, and since when it is steady |
 * | `{prefix}:edges:<parent>` | sorted set | waiters: member `edgePlace`, seq; score: the parent's fence when the edge was tied, 0 once resolved |
 * | `{prefix}:releases` | list | edges that a commit left behind: `<parent> <fence> <state>` |
 */
export function rootKey(prefix: string): string {
  return `{${prefix}}`;
}

/**
 * Where order counts, all scores are 0 and Redis goes by the bytes of the members: digits of a fixed width sort as their
 * numbers do, and the id behind them breaks ties. So (rank, seq) needs no arithmetic that a double could round: it is
 * exact for every rank and for a seq of up to 2^53. And a page of a list can start behind any member, gone or not.
 */
export const KEYS: string = lua`
local root = KEYS[1]
local function jobKey(id) return root .. ':job:' .. id end
local function stateKey(state) return root .. ':state:' .. state end
local function heldKey(incarnation) return root .. ':held:' .. incarnation end
local function serverKey(incarnation) return root .. ':server:' .. incarnation end
local function edgesKey(parent) return root .. ':edges:' .. parent end
local seqKey = root .. ':seq'
local dueKey = root .. ':due'
local ownersKey = root .. ':owners'
local leasesKey = root .. ':leases'
local releasesKey = root .. ':releases'

local function edgePlace(seq, id) return string.format('%016d', seq) .. id end
local function readyPlace(row) return string.format('%05d%016d', row.rank + 32768, row.seq) .. row.id end
-- Times before 1970 are all equally overdue.
local function duePlace(dueAt, row)
  return string.format('%016d%016d', math.max(dueAt, 0), row.seq) .. row.id
end
local function placeId(member) return string.sub(member, -36) end
`;
