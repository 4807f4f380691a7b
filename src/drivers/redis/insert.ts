import type { InsertOutcome, NewJob } from "../../storage/index.ts";
import { CONDITIONS } from "./gates.ts";
import { STORE_GATED } from "./insert-gated.ts";
import { DUE_AT, isPlain, jobsArgs, STORE, STORE_PLAIN } from "./insert-row.ts";
import { KEYS } from "./keys.ts";
import { CUT } from "./packing.ts";
import { PERMITS } from "./permits.ts";
import { toWords } from "./reply.ts";
import { lua, Script, type Verb } from "./script.ts";
import { LIGHT_TRANSITION, TRANSITION } from "./transition.ts";

const TAKE_SHAPES = lua`
local shapeCount = tonumber(take())
for number = 1, shapeCount do takeShape(number) end
seqBlock = #ARGV - 2 - shapeCount
local outcomes = {}
`;

const ANSWER_OUTCOMES = lua`
touchShapes()
return done(table.concat(outcomes, ' '))
`;

const INSERT_PLAIN = new Script(
  KEYS,
  LIGHT_TRANSITION,
  CUT,
  STORE_PLAIN,
  TAKE_SHAPES,
  lua`
local texts, keys, isStored = {}, {}, {}
for text in take do
  texts[#texts + 1] = text
  keys[#keys + 1] = plainKey(text)
end
-- Nearly always none is there: then one look is enough for all.
local someAreThere = #keys > 0 and redis.call('EXISTS', unpack(keys)) > 0
for nth, key in ipairs(keys) do
  local isThere = isStored[key] or (someAreThere and redis.call('EXISTS', key) == 1)
  outcomes[nth] = isThere and 'exists' or storePlain(texts[nth], key)
  isStored[key] = true
end
`,
  ANSWER_OUTCOMES,
);

const INSERT = new Script(
  KEYS,
  TRANSITION,
  lua`local budget = { edges = 0, admissions = 0 }`,
  PERMITS,
  CONDITIONS,
  CUT,
  DUE_AT,
  STORE,
  STORE_GATED,
  STORE_PLAIN,
  TAKE_SHAPES,
  lua`
local function insertPlain(text)
  local key = plainKey(text)
  return redis.call('EXISTS', key) == 1 and 'exists' or storePlain(text, key)
end

local function insert(job)
  if isThere(job) then return 'exists' end
  if job.parents then return storeGated(job) or 'inserted' end
  storeUngated(job)
  return 'inserted'
end

for text in take do
  outcomes[#outcomes + 1] = string.sub(text, 1, 1) == '=' and insertPlain(text) or insert(toJob(text))
end
`,
  ANSWER_OUTCOMES,
);

export function insertOf(jobs: readonly NewJob[]): Verb<readonly NewJob[], InsertOutcome[]> {
  return jobs.every(isPlain) ? insertPlain : insert;
}

const insert: Verb<readonly NewJob[], InsertOutcome[]> = {
  doing: "store jobs",
  script: INSERT,
  kind: "transition",
  rows: (jobs) => jobs.length,
  args: jobsArgs,
  answer: (reply) => toWords(reply).map(toOutcome),
};

const insertPlain: Verb<readonly NewJob[], InsertOutcome[]> = { ...insert, script: INSERT_PLAIN };

/** A text that is no outcome is the id of the parent that is gone. */
function toOutcome(text: string): InsertOutcome {
  return text === "inserted" || text === "exists"
    ? { outcome: text }
    : { outcome: "parent-not-found", parent: text };
}
