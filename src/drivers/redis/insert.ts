import type { InsertOutcome, NewJob } from "../../storage/index.ts";
import { CONDITIONS } from "./gates.ts";
import { STORE_GATED } from "./insert-gated.ts";
import { jobArgs, STORE } from "./insert-row.ts";
import { KEYS } from "./keys.ts";
import { PERMITS } from "./permits.ts";
import { toList, toText } from "./reply.ts";
import { lua, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

const INSERT = new Script(
  KEYS,
  TRANSITION,
  lua`local budget = { edges = 0, admissions = 0 }`,
  PERMITS,
  CONDITIONS,
  STORE,
  STORE_GATED,
  lua`
local function insert(job)
  if isThere(job) then return 'exists' end
  if job.parents then return storeGated(job) or 'inserted' end
  storeUngated(job)
  return 'inserted'
end

local outcomes = {}
for i = 1, tonumber(take()) do outcomes[i] = insert(takeJob()) end
return done(outcomes)
`,
);

export const insert: Verb<readonly NewJob[], InsertOutcome[]> = {
  doing: "store jobs",
  script: INSERT,
  kind: "transition",
  rows: (jobs) => jobs.length,
  args: (jobs) => [jobs.length, ...jobs.flatMap(jobArgs)],
  answer: (reply) => toList(reply).map(toOutcome),
};

/** A text that is no outcome is the id of the parent that is gone. */
function toOutcome(reply: unknown): InsertOutcome {
  const text = toText(reply);
  return text === "inserted" || text === "exists"
    ? { outcome: text }
    : { outcome: "parent-not-found", parent: text };
}
