import { type FailureGroup, type FailureQuery, MAX_SCAN } from "../../storage/index.ts";
import { BEFORE_FINGERPRINT, FINGERPRINT_CHARS } from "../shared/fingerprint.ts";
import { largestFirst } from "../shared/group-failures.ts";
import type { Database } from "./database.ts";
import { KEYS } from "./keys.ts";
import { BY_TIME } from "./list.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { ARGUMENTS, BYTES_IN_ONE_SCRIPT, lua, quoted, Script, type Verb } from "./script.ts";
import { ROWS_LOOKED_AT } from "./search.ts";

/** The newest come first: the first one of a group that is met is its last failure. */
const GROUP = new Script(
  KEYS,
  ARGUMENTS,
  BY_TIME,
  lua`
local most = tonumber(take())
local places = byTime(stateKey('Failed'), take(), take(), most + 1, true)
local groups, byFingerprint, bytesRead, looked = {}, {}, 0, 0

local function fingerprintOf(entry)
  local _, last = string.find(entry, ${quoted(BEFORE_FINGERPRINT)}, 1, true)
  return last and string.sub(entry, last + 1, last + ${String(FINGERPRINT_CHARS)}) or ''
end

for nth = 1, math.min(most, #places) do
  looked = nth
  local id, at = places[nth].id, places[nth].cursor[1]
  local entry = redis.call('HGET', jobKey(id), 'entry') or ''
  local fingerprint = fingerprintOf(entry)
  local group = byFingerprint[fingerprint]
  if not group then
    group = { fingerprint, 0, at, at, id }
    byFingerprint[fingerprint] = group
    groups[#groups + 1] = group
  end
  group[2], group[3] = group[2] + 1, at
  bytesRead = bytesRead + #entry
  if bytesRead > ${String(BYTES_IN_ONE_SCRIPT)} then break end
end
return { groups, looked, looked < #places and places[looked].cursor or false }
`,
);

interface Groups {
  readonly groups: readonly FailureGroup[];
  readonly looked: number;
  readonly cursor: readonly string[] | null;
}

const group: Verb<{ readonly most: number; readonly cursor: readonly string[] }, Groups> = {
  doing: "read failures",
  script: GROUP,
  kind: "read",
  args: ({ most, cursor }) => [most, ...cursor],
  answer: (reply) => {
    const [groups, looked, cursor] = toList(reply);
    return {
      groups: toList(groups).map(toGroup),
      looked: toNumber(looked),
      cursor: cursor === null ? null : toList(cursor).map(toText),
    };
  },
};

/** One script after another, each of its own moment. */
export async function failures(database: Database, { scan, limit }: FailureQuery): Promise<FailureGroup[]> {
  const groups = new Map<string, FailureGroup>();
  let cursor: readonly string[] | null = [];
  for (let left = Math.min(scan, MAX_SCAN); left > 0 && cursor !== null; ) {
    const found: Groups = await database.ask(group, { most: Math.min(left, ROWS_LOOKED_AT), cursor });
    for (const older of found.groups) {
      const newer = groups.get(older.fingerprint) ?? { ...older, count: 0 };
      groups.set(older.fingerprint, { ...newer, count: newer.count + older.count, firstAt: older.firstAt });
    }
    left -= found.looked;
    cursor = found.cursor;
  }
  return largestFirst(groups.values(), limit);
}

function toGroup(reply: unknown): FailureGroup {
  const [fingerprint, count, firstAt, lastAt, last] = toList(reply);
  return {
    fingerprint: toText(fingerprint),
    count: toNumber(count),
    firstAt: toNumber(firstAt),
    lastAt: toNumber(lastAt),
    last: toText(last),
  };
}
