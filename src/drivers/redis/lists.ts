import { lua } from "./script.ts";

/** What many jobs of one script have in common is written once: for Lua a command costs more than several members. */
export const LISTS: string = lua`
local queuesTouched, enqueued = {}, 0

-- For jobs that nothing else in this script touches before it: written before all that is gathered, and in order.
local lists = { ZADD = {}, ZREM = {}, SADD = {}, SREM = {} }
local function listFor(command, key)
  local ofCommand = lists[command]
  local list = ofCommand[key]
  if not list then
    list = {}
    ofCommand[key] = list
  end
  return list
end

local function writeLists()
  for command, ofCommand in pairs(lists) do
    for key, members in pairs(ofCommand) do redis.call(command, key, unpack(members)) end
  end
  lists = { ZADD = {}, ZREM = {}, SADD = {}, SREM = {} }
end

local function writeQueues()
  for queue in pairs(queuesTouched) do
    local left = redis.call('EXISTS', root .. ':ready:' .. queue, root .. ':slots:' .. queue)
    if left == 0 then redis.call('ZREM', queuesKey, queue) else redis.call('ZADD', queuesKey, 0, queue) end
  end
  if enqueued ~= 0 then redis.call('INCRBY', enqueuedKey, enqueued) end
  queuesTouched, enqueued = {}, 0
end
`;
