import type { JobState, ParentRecord } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toText, toTextOrNull } from "./reply.ts";
import { toState } from "./row.ts";
import { lua, Script, type Verb } from "./script.ts";

const PARENT_IDS = new Script(
  KEYS,
  lua`
local found = {}
for nth, id in ipairs(ARGV) do found[nth] = redis.call('HGET', jobKey(id), 'parents') end
return found
`,
);

/** For each job the ids of its parents, in the order in which it was given them. */
export const parentIds: Verb<readonly string[], string[][]> = {
  doing: "read parents",
  script: PARENT_IDS,
  kind: "read",
  rows: (ids) => ids.length,
  args: (ids) => ids,
  answer: (reply) => toList(reply).map((found) => toTextOrNull(found)?.split(" ") ?? []),
};

const ENDS = new Script(
  KEYS,
  lua`
local found = {}
for nth, id in ipairs(ARGV) do
  local fields = redis.call('HMGET', jobKey(id), 'row', 'entry')
  found[nth] = { fields[1] and string.match(fields[1], '^%d+ (%a+)'), fields[2] }
end
return found
`,
);

/** State and entry of each id; a job may have a thousand parents, so these are asked for in chunks. */
export const ends: Verb<readonly string[], ParentRecord[]> = {
  doing: "read parents",
  script: ENDS,
  kind: "read",
  rows: (ids) => ids.length,
  args: (ids) => ids,
  answer: (reply, ids) =>
    toList(reply).map((found, nth) => {
      const [name, entry] = toList(found);
      const state: JobState | null = name === null ? null : toState(name);
      return { id: ids[nth] ?? "", state, entry: entry === null ? "" : toText(entry) };
    }),
};
