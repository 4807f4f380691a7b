import {
  type Appendices,
  type Appendix,
  type ClaimOutcome,
  FLAG,
  LOG_CHARS,
  LOG_LINES,
  type LogLine,
  type Progress,
} from "../../storage/index.ts";
import { charsOf } from "../shared/log-bounds.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText, toTextOrNull } from "./reply.ts";
import { ROW_TEXT } from "./row-text.ts";
import { ARGUMENTS, lua, Script, type Verb } from "./script.ts";
import { CLOCK, READ } from "./transition.ts";

/**
 * A line is `<at> <attempt> <chars> <JSON of text and data>`; what all lines of a job count towards the bound stands
 * beside its progress. Each line is pushed once and popped once, so the bounds are exact for the price of no walk.
 */
const APPEND = new Script(
  KEYS,
  ARGUMENTS,
  CLOCK,
  ROW_TEXT,
  READ,
  lua`
local function charsIn(logged) return tonumber(string.match(logged, '^%d+ %d+ (%d+) ')) end

local function log(id, attempt, chars, text)
  redis.call('RPUSH', logKey(id), table.concat({ stamp, attempt, chars, text }, ' '))
  local total = redis.call('HINCRBY', progressKey(id), 'chars', chars)
  local lines = redis.call('LLEN', logKey(id))
  while lines > ${LOG_LINES} or (lines > 1 and total > ${LOG_CHARS}) do
    total = redis.call('HINCRBY', progressKey(id), 'chars', -charsIn(redis.call('LPOP', logKey(id))))
    lines = lines - 1
  end
end

local outcomes = {}
for i = 1, tonumber(take()) do
  local id, fence, kind, attempt, value, text = take(), take(), take(), take(), take(), take()
  local row = read(id)
  local held = row and row.fence == tonumber(fence)
  if held and kind == 'parameters' then
    redis.call('HSET', jobKey(id), 'parameters', text)
  elseif held then
    if not has(row.flags, ${FLAG.appended}) then setFlag(row, ${FLAG.appended}) end
    if kind == 'log' then
      log(id, attempt, value, text)
    else
      redis.call('HSET', progressKey(id), 'progress', table.concat({ stamp, attempt, value, text }, ' '))
    end
  end
  outcomes[i] = held and 1 or 0
end
return outcomes
`,
);

export const append: Verb<readonly Appendix[], ClaimOutcome[]> = {
  doing: "store logs",
  script: APPEND,
  kind: "write",
  rows: (appendices) => appendices.length,
  args: (appendices) => [appendices.length, ...appendices.flatMap(appendixArgs)],
  answer: (reply) => toList(reply).map((applied) => (applied === 1 ? "applied" : "stale")),
};

function appendixArgs(appendix: Appendix): (string | number)[] {
  const { id, fence, kind, attempt } = appendix;
  return [id, fence, kind, attempt, ...contentOf(appendix)];
}

function contentOf(appendix: Appendix): [number, string] {
  if (appendix.kind === "parameters") return [0, appendix.text];
  if (appendix.kind === "progress") return [appendix.value, JSON.stringify(appendix.text)];
  return [charsOf(appendix), JSON.stringify([appendix.text, appendix.data])];
}

const APPENDICES = new Script(
  KEYS,
  lua`return { redis.call('LRANGE', logKey(ARGV[1]), 0, -1), redis.call('HGET', progressKey(ARGV[1]), 'progress') }`,
);

export const appendices: Verb<string, Appendices> = {
  doing: "read logs",
  script: APPENDICES,
  kind: "read",
  args: (id) => [id],
  answer: (reply) => {
    const [lines, progress] = toList(reply);
    const found = toTextOrNull(progress);
    return { logs: toList(lines).map(toLine), progress: found === null ? null : toProgress(found) };
  },
};

function toLine(reply: unknown): LogLine {
  const [at, attempt, , content] = partsOf(toText(reply));
  const [text, data] = toList(JSON.parse(content));
  return { at: toNumber(at), attempt: toNumber(attempt), text: toText(text), data: toTextOrNull(data) };
}

function toProgress(stored: string): Progress {
  const [at, attempt, value, text] = partsOf(stored);
  return {
    at: toNumber(at),
    attempt: toNumber(attempt),
    value: Number(value),
    text: toTextOrNull(JSON.parse(text)),
  };
}

function partsOf(stored: string): [string, string, string, string] {
  const [, at = "", attempt = "", value = "", rest = ""] = /^(\S+) (\S+) (\S+) (.*)$/s.exec(stored) ?? [];
  return [at, attempt, value, rest];
}
