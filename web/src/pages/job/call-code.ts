import type { Job, ShownJson } from "../../../../src/dashboard/api/index.ts";

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** A longer one is nothing to paste. */
const MOST_CHARS = 20_000;

type Called = Pick<Job, "name" | "queue" | "priority" | "arguments">;

/**
 * The call that would store such a job, as code to paste. Undefined where the arguments are not known whole, or hold what no
 * code can say.
 */
export function callCode({ name, queue, priority, arguments: given }: Called): string | undefined {
  if (given === null || given.cut || given.redacted || given.unreadable || !Array.isArray(given.value)) {
    return undefined;
  }
  const list = given.value.map(codeOf);
  const known = list.filter((code) => code !== undefined);
  if (known.length < list.length) return undefined;
  const [group = "", member] = split(name);
  const target = `j${access(group)}${member === undefined ? "" : access(member)}`;
  const needsJob = JSON.stringify(given.value).includes('{"$placeholder":"job.');
  const options = `{ queue: ${quote(queue)}${priority === 0 ? "" : `, priority: ${priority}`} }`;
  const code = `await client.enqueue((j${needsJob ? ", job" : ""}) => ${target}(${known.join(", ")}), ${options});`;
  return code.length > MOST_CHARS ? undefined : code;
}

function split(name: string): readonly string[] {
  const dot = name.indexOf(".");
  return dot < 0 ? [name] : [name.slice(0, dot), name.slice(dot + 1)];
}

function access(member: string): string {
  return IDENTIFIER.test(member) ? `.${member}` : `[${quote(member)}]`;
}

function codeOf(value: ShownJson): string | undefined {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return listCode(value);
  const entries: readonly (readonly [string, ShownJson])[] = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0].startsWith("$")) return specialCode(only[0], only[1]);
  return objectCode(entries);
}

function listCode(values: readonly ShownJson[]): string | undefined {
  const codes = values.map(codeOf);
  return codes.includes(undefined) ? undefined : `[${codes.join(", ")}]`;
}

function objectCode(entries: readonly (readonly [string, ShownJson])[]): string | undefined {
  const codes = entries.map(([key, value]) => {
    const code = codeOf(value);
    return code === undefined ? undefined : `${keyCode(key)}: ${code}`;
  });
  if (codes.includes(undefined)) return undefined;
  return codes.length === 0 ? "{}" : `{ ${codes.join(", ")} }`;
}

/** Written plainly, `__proto__` would be no key but the prototype. */
function keyCode(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return IDENTIFIER.test(key) ? key : quote(key);
}

function specialCode(form: string, held: ShownJson): string | undefined {
  if (form === "$date") return `new Date(${quote(String(held))})`;
  if (form === "$url") return `new URL(${quote(String(held))})`;
  if (form === "$bigint") return /^-?\d+$/.test(String(held)) ? `${held}n` : undefined;
  if (form === "$number") return /^(NaN|-?Infinity|-0)$/.test(String(held)) ? String(held) : undefined;
  if (form === "$undefined") return "undefined";
  if (form === "$placeholder") return /^job\.\w+$/.test(String(held)) ? String(held) : undefined;
  if (form === "$regexp" && Array.isArray(held)) {
    return `new RegExp(${held.map((part) => quote(String(part))).join(", ")})`;
  }
  if ((form === "$map" || form === "$set") && Array.isArray(held)) {
    const list = listCode(held);
    return list === undefined ? undefined : `new ${form === "$map" ? "Map" : "Set"}(${list})`;
  }
  if (form === "$object" && typeof held === "object" && held !== null && !Array.isArray(held)) {
    return objectCode(Object.entries(held));
  }
  return undefined;
}

/** What cannot be seen is written out: what is pasted does what it looks like. */
function quote(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
