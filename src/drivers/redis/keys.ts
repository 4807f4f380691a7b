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
 * | `{prefix}:ready:<queue>` | sorted set | what may run now: score rank, member `place(seq, id)` |
 * | `{prefix}:recovered:<queue>` | sorted set | the same for jobs with `FLAG.recovered`, which buffers pass over |
 * | `{prefix}:due` | sorted set | hold `due`: score dueAt, member `place(seq, id)` |
 * | `{prefix}:held:<incarnation>` | sorted set | ids that an incarnation has in Processing: score stateAt |
 * | `{prefix}:owners` | set | incarnations that may hold something, announced or not |
 * | `{prefix}:leases` | sorted set | score: when the lease runs out |
 * | `{prefix}:server:<incarnation>` | hash | what it announced, and since when it is steady |
 * | `{prefix}:edges:<parent>` | sorted set | waiters, member `place(seq, id)`; score: the parent's fence when the edge was tied, 0 once resolved |
 * | `{prefix}:releases` | list | edges that a commit left behind: `<parent> <fence> <state>` |
 */
export function rootKey(prefix: string): string {
  return `{${prefix}}`;
}

/**
 * Redis orders a sorted set by score, and equal scores by the bytes of the member. A place begins with 16 digits, so
 * members sort as their numbers do, exactly up to 2^53, and the id behind them breaks ties. That is why (rank, seq)
 * needs no arithmetic: the rank is the score, and no pair is too large for a double.
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

local function place(number, id) return string.format('%016d', number) .. id end
local function placeNumber(member) return tonumber(string.sub(member, 1, 16)) end
local function placeId(member) return string.sub(member, 17) end
`;
