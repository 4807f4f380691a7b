import {
  type DocumentOutcome,
  type DocumentQuery,
  type DocumentRecord,
  type DocumentSave,
  MAX_DOCUMENTS,
} from "../../storage/index.ts";
import type { Database } from "./database.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { ARGUMENTS, BYTES_IN_ONE_SCRIPT, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";
import { CLOCK } from "./transition.ts";

const SAVE = new Script(
  KEYS,
  ARGUMENTS,
  CLOCK,
  lua`
local function remove(kind, id)
  redis.call('DEL', documentKey(kind, id))
  redis.call('ZREM', documentsKey(kind), id)
end

local function write(kind, id, text)
  redis.call('HSET', documentKey(kind, id), 'version', redis.call('INCR', seqKey), 'at', stamp, 'text', text)
  redis.call('ZADD', documentsKey(kind), 0, id)
end

local outcomes = {}
for nth = 1, tonumber(take()) do
  local kind, id, version, text = take(), take(), take(), take() == '1' and take()
  local isCurrent = (redis.call('HGET', documentKey(kind, id), 'version') or '0') == version
  if isCurrent and text then write(kind, id, text) elseif isCurrent then remove(kind, id) end
  outcomes[nth] = isCurrent and 1 or 0
end
return outcomes
`,
);

export const saveDocuments: Verb<readonly DocumentSave[], DocumentOutcome[]> = {
  doing: "store documents",
  script: SAVE,
  kind: "write",
  rows: (saves) => saves.length,
  args: (saves) => [
    saves.length,
    ...saves.flatMap(({ kind, id, version, text }) => [
      kind,
      id,
      version,
      ...(text === null ? ["0"] : ["1", text]),
    ]),
  ],
  answer: (reply) => toList(reply).map((applied) => (applied === 1 ? "applied" : "stale")),
};

const GET = new Script(
  KEYS,
  lua`return redis.call('HMGET', documentKey(ARGV[1], ARGV[2]), 'version', 'at', 'text')`,
);

export const getDocument: Verb<{ readonly kind: string; readonly id: string }, DocumentRecord | null> = {
  doing: "read a document",
  script: GET,
  kind: "read",
  args: ({ kind, id }) => [kind, id],
  answer: (reply, { kind, id }) => {
    const fields = toList(reply);
    return fields[0] === null ? null : toDocument(kind, id, fields);
  },
};

/** Ends early where the texts are large: what a script answers is bounded by their size as well. */
const LIST = new Script(
  KEYS,
  ARGUMENTS,
  lua`
local kind, limit, descending, after = take(), tonumber(take()), take() == '1', take()
local from, to = after and '(' .. after, descending and '-' or '+'
local command = descending and 'ZREVRANGEBYLEX' or 'ZRANGEBYLEX'
local ids = redis.call(command, documentsKey(kind), from or (descending and '+' or '-'), to, 'LIMIT', 0, limit)
local documents, bytes, isMore = {}, 0, 0
for nth, id in ipairs(ids) do
  local fields = redis.call('HMGET', documentKey(kind, id), 'version', 'at', 'text')
  if fields[1] then documents[#documents + 1] = { id, fields } end
  bytes = bytes + #(fields[3] or '')
  if bytes > ${String(BYTES_IN_ONE_SCRIPT)} and nth < #ids then
    isMore = 1
    break
  end
end
return { documents, isMore }
`,
);

interface Documents {
  readonly documents: readonly DocumentRecord[];
  readonly isMore: boolean;
}

const someDocuments: Verb<DocumentQuery, Documents> = {
  doing: "list documents",
  script: LIST,
  kind: "read",
  args: ({ kind, limit, after, descending = false }) => [
    kind,
    limit,
    descending ? 1 : 0,
    ...(after === undefined ? [] : [after]),
  ],
  answer: (reply, { kind }) => {
    const [documents, isMore] = toList(reply);
    return {
      documents: toList(documents).map((document) => {
        const [id, fields] = toList(document);
        return toDocument(kind, toText(id), toList(fields));
      }),
      isMore: isMore === 1,
    };
  },
};

export async function listDocuments(database: Database, query: DocumentQuery): Promise<DocumentRecord[]> {
  const most = Math.min(query.limit, MAX_DOCUMENTS);
  const all: DocumentRecord[] = [];
  for (let isMore = true; isMore && all.length < most; ) {
    const last = all.at(-1);
    const rest = { ...query, limit: Math.min(most - all.length, JOBS_IN_ONE_SCRIPT) };
    const found = await database.ask(someDocuments, last === undefined ? rest : { ...rest, after: last.id });
    all.push(...found.documents);
    isMore = found.isMore || found.documents.length === rest.limit;
  }
  return all;
}

function toDocument(kind: string, id: string, fields: readonly unknown[]): DocumentRecord {
  const [version, at, text] = fields;
  return { kind, id, version: toNumber(version), at: toNumber(at), text: toText(text) };
}

const TRIM = new Script(
  KEYS,
  lua`
local kind, keep, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local count = math.min(redis.call('ZCARD', documentsKey(kind)) - keep, limit)
if count <= 0 then return 0 end
local keys = {}
for nth, id in ipairs(redis.call('ZRANGE', documentsKey(kind), 0, count - 1)) do keys[nth] = documentKey(kind, id) end
redis.call('UNLINK', unpack(keys))
return redis.call('ZREMRANGEBYRANK', documentsKey(kind), 0, count - 1)
`,
);

interface Trim {
  readonly kind: string;
  readonly keep: number;
  readonly limit: number;
}

export const trimDocuments: Verb<Trim, number> = {
  doing: "remove documents",
  script: TRIM,
  kind: "write",
  args: ({ kind, keep, limit }) => [kind, keep, Math.min(limit, JOBS_IN_ONE_SCRIPT)],
  answer: toNumber,
};
