import type { JobRecord } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList } from "./reply.ts";
import { ANSWER, toRecord } from "./row.ts";
import { lua, Script, type Verb } from "./script.ts";

const GET = new Script(
  KEYS,
  ANSWER,
  lua`
local jobs = {}
for _, id in ipairs(ARGV) do jobs[#jobs + 1] = answer(id) end
return jobs
`,
);

export const get: Verb<readonly string[], JobRecord[]> = {
  doing: "get jobs",
  script: GET,
  args: (ids) => ids,
  answer: (reply) => toList(reply).map(toRecord),
};
