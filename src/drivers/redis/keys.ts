import { lua } from "./script.ts";

/**
 * Where everything is. One storage is one hash slot: every key begins with the same hash tag, the root, which scripts
 * get as KEYS[1] and append to; so a script may touch any job of its storage, on a cluster too.
 *
 * | key | type | holds |
 * |---|---|---|
 * | `{prefix}:job:<id>` | hash | `row`, what every job has (`row-text.ts`); `args`, `entry`, `history`; what few have beside it |
 * | `{prefix}:seq` | number | the last seq that was assigned |
 * | `{prefix}:state:<state>` | sorted set | every id of the state: score stateAt; its size is the counter. Not Enqueued and Scheduled |
 * | `{prefix}:enqueued` | number | how many jobs are Enqueued; those in Scheduled are the size of `due` |
 * | `{prefix}:ready:<queue>` | sorted set | what may run now: member `readyPlace`, rank and seq |
 * | `{prefix}:slots:<queue>` | sorted set | the same for jobs that buffers pass over: recovered and limited ones |
 * | `{prefix}:queues` | sorted set | queues in which something is ready, by their bytes: for lists alone |
 * | `{prefix}:due` | sorted set | hold `due`: member `duePlace`, dueAt and seq |
 * | `{prefix}:parked`, `{prefix}:waiting` | sorted set | holds `unknown` and `limit`: member `queuedPlace`, for lists |
 * | `{prefix}:shelf:<name>\0<queue>`, `{prefix}:shelves` | sorted set, set | hold `unknown`, for `adopt`; the shelves that are not empty |
 * | `{prefix}:permits:<key>` | set | ids of a limit's key that are on their way |
 * | `{prefix}:waiters:<key>` | sorted set | hold `limit` by key: member `readyPlace` |
 * | `{prefix}:unadmitted` | set | keys whose waiters a write has left to `release` |
 * | `{prefix}:held:<incarnation>` | set | ids that an incarnation has in Processing |
 * | `{prefix}:owners` | set | incarnations that may hold something, announced or not |
 * | `{prefix}:leases` | sorted set | score: when the lease runs out |
 * | `{prefix}:server:<incarnation>` | hash | what it announced, and since when it is steady |
 * | `{prefix}:edges:<parent>` | sorted set | waiters that are still to be told: member `edgePlace`; score: the parent's fence when the edge was tied |
 * | `{prefix}:children:<parent>` | sorted set | ids of the jobs behind whose gates it stands, or stood: for lists alone |
 * | `{prefix}:releases` | list | edges that a write left behind: `<parent> <last fence settled> <fence> <state>` |
 * | `{prefix}:log:<id>`, `{prefix}:progress:<id>` | list, hash | what `append` stored |
 * | `{prefix}:day:<start>`, `{prefix}:days` | hash, sorted set | statistics of a day by hours; the days that are there |
 * | `{prefix}:recurring:<id>`, `{prefix}:recurring`, `{prefix}:next` | hash, sorted sets | recurring jobs; their ids; score nextAt |
 * | `{prefix}:pauses`, `{prefix}:paused` | hash, sorted set | paused queues: `<at> <note>`; their names, for lists alone |
 * | `{prefix}:document:<kind>:<id>`, `{prefix}:documents:<kind>` | hash, sorted set | a text, its version and time; the ids of a kind |
 * | `{prefix}:signals` | channel | what was written, for other processes |
 */
export function rootKey(prefix: string): string {
  return `{${prefix}}`;
}

/** The channel of a storage's signals. */
export function channelOf(root: string): string {
  return `${root}:signals`;
}

/** One of these is there as soon as anything was ever stored, or while a server runs. */
export function tellingKeys(root: string): string[] {
  return [`${root}:seq`, `${root}:leases`];
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
local function childrenKey(parent) return root .. ':children:' .. parent end
local function shelfKey(shelf) return root .. ':shelf:' .. shelf end
local function permitsKey(key) return root .. ':permits:' .. key end
local function waitersKey(key) return root .. ':waiters:' .. key end
local function logKey(id) return root .. ':log:' .. id end
local function progressKey(id) return root .. ':progress:' .. id end
local function dayKey(day) return root .. ':day:' .. day end
local function documentKey(kind, id) return root .. ':document:' .. kind .. ':' .. id end
local function documentsKey(kind) return root .. ':documents:' .. kind end
local function recurringKey(id) return root .. ':recurring:' .. id end
local seqKey = root .. ':seq'
local processingKey = stateKey('Processing')
local enqueuedKey = root .. ':enqueued'
local queuesKey = root .. ':queues'
local pausesKey = root .. ':pauses'
local pausedKey = root .. ':paused'
local dueKey = root .. ':due'
local parkedKey = root .. ':parked'
local waitingKey = root .. ':waiting'
local shelvesKey = root .. ':shelves'
local unadmittedKey = root .. ':unadmitted'
local ownersKey = root .. ':owners'
local leasesKey = root .. ':leases'
local releasesKey = root .. ':releases'
local daysKey = root .. ':days'
local recurringIdsKey = root .. ':recurring'
local nextKey = root .. ':next'

-- Rank and seq, as they stand in the row and in the sets.
local function placeOf(rank, seq) return string.format('%05d%016d', rank + 32768, seq) end
local function seqDigits(place) return string.sub(place, 6) end
local function edgePlace(seq, id) return seq .. id end
local function readyPlace(row) return row.place .. row.id end
local function queuedPlace(row) return row.queue .. '\0' .. readyPlace(row) end
-- Times before 1970 are all equally overdue.
local function duePlace(row)
  return string.format('%016d', math.max(row.dueAt, 0)) .. seqDigits(row.place) .. row.id
end
local function placeId(member) return string.sub(member, -36) end
`;
