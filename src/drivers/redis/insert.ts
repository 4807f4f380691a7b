import type { InsertOutcome, NewJob } from "../../storage/index.ts";
import { CONDITIONS } from "./gates.ts";
import { STORE_GATED } from "./insert-gated.ts";
import { DUE_AT, jobsArgs, STORE, STORE_PLAIN } from "./insert-row.ts";
import { KEYS } from "./keys.ts";
import { CUT } from "./packing.ts";
import { PERMITS } from "./permits.ts";
import { toWords } from "./reply.ts";
import { lua, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

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
  lua`
local function insert(job)
  if isThere(job) then return 'exists' end
  if job.parents then return storeGated(job) or 'inserted' end
  storeUngated(job)
  return 'inserted'
end

local shapeCount = tonumber(take())
for number = 1, shapeCount do takeShape(number) end
seqBlock = #ARGV - 2 - shapeCount

local outcomes = {}
for text in take do
  outcomes[#outcomes + 1] = string.sub(text, 1, 1) == '=' and storePlain(text) or insert(toJob(text))
end
touchShapes()
return done(table.concat(outcomes, ' '))
`,
);

export const insert: Verb<readonly NewJob[], InsertOutcome[]> = {
  doing: "store jobs",
  script: INSERT,
  kind: "transition",
  rows: (jobs) => jobs.length,
  args: jobsArgs,
  answer: (reply) => toWords(reply).map(toOutcome),
};

/** A text that is no outcome is the id of the parent that is gone. */
function toOutcome(text: string): InsertOutcome {
  return text === "inserted" || text === "exists"
    ? { outcome: text }
    : { outcome: "parent-not-found", parent: text };
}
