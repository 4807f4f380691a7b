import { FirelaterError, preview } from "../base/error.ts";
import { decodeRich, encodeRich } from "./codec/rich-value.ts";
import { StorableWalk } from "./codec/storable-walk.ts";
import {
  type PlaceholderSlot,
  placeholderSlots,
  storedFill,
  withoutPlaceholders,
} from "./codec/stored-placeholders.ts";
import { ARGUMENTS, argumentsOfCall, RESULT, type Subject, tooLarge } from "./codec/unstorable.ts";
import type { Placeholder } from "./placeholder.ts";

/*
 * The text of arguments and results. FROZEN: stores hold it for years, and servers of other versions read it.
 *
 * A text that begins with `[` is plain JSON: the list of arguments, `["user@example.com",3]`. A text that begins with
 * `{` is an envelope: `{"v":1,"json":[…],"meta":{…},"fill":[…]}`.
 * - `v` is 1. A reader refuses what it does not know.
 * - `json` is the list of arguments as JSON, with null where a placeholder stands.
 * - `meta` (absent when `json` says all) is superjson's: `{"values":…,"v":1}` notes what each place of `json` was.
 *   `referentialEqualities` is never written. Besides superjson's own there are four custom types:
 *   "bytes" = [name of the view's class or "Buffer", base64 of its bytes in little-endian order];
 *   "error" = {type: name of the built-in class, stack: text or null, own: [[key, value, enumerable], …]};
 *   "object" = [whether it has no prototype, [[key, value], …]], for such objects and for keys that superjson refuses;
 *   "nested" = {json, meta} of an object that came from another realm.
 * - `fill` (absent when empty) lists the placeholders, each `[path, kind]` with kind "id", "attempt", "signal" or
 *   "dueAt", or `[path, kind, n]` with "result", "resultIfAny", "state" or "error" of the n-th parent from 0; path is a list of indices and keys.
 *
 * A result is the list of one value, `[{"rows":2}]`; undefined, what most jobs give, is the empty list `[]`.
 */

/** Stored text that cannot be read (`FL_PAYLOAD_CORRUPT`). */
export class PayloadCorruptError extends FirelaterError {}

export interface CodecOptions {
  /** The most bytes of UTF-8 that the text may take. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** The place of the call among many, from 0, for messages. */
  readonly call?: number | undefined;
}

/** Gives the value of a placeholder when the job runs. */
export type FillPlaceholder = (placeholder: Placeholder) => unknown;

export const DEFAULT_MAX_BYTES = 1_048_576;

/** The arguments of a call as text. Nothing is written before all of it is known to come back equal. */
export function encodeArguments(args: readonly unknown[], options?: CodecOptions): string {
  const subject = options?.call === undefined ? ARGUMENTS : argumentsOfCall(options.call);
  return encode(args, subject, options?.maxBytes ?? DEFAULT_MAX_BYTES);
}

/** What a job returned, as text. */
export function encodeValue(value: unknown, options?: CodecOptions): string {
  return value === undefined ? NO_VALUE : encode([value], RESULT, options?.maxBytes ?? DEFAULT_MAX_BYTES);
}

/** The arguments of a stored call; `fill` gives the values of its placeholders, in the order in which they stand. */
export function decodeArguments(text: string, fill: FillPlaceholder = () => undefined): unknown[] {
  const { values, slots } = decode(text);
  for (const { holder, key, placeholder } of slots) Reflect.set(holder, key, fill(placeholder));
  return values;
}

/** A stored result. */
export function decodeValue(text: string): unknown {
  return text === NO_VALUE ? undefined : decode(text).values[0];
}

/** The placeholders in a stored text, so that parents' results can be fetched before `decodeArguments` asks for them. */
export function placeholdersIn(text: string): Placeholder[] {
  return text.startsWith("[") ? [] : decode(text).slots.map(({ placeholder }) => placeholder);
}

const NO_VALUE = "[]";

function encode(values: readonly unknown[], subject: Subject, maxBytes: number): string {
  const walk = new StorableWalk(subject, maxBytes);
  walk.visitAll(values);
  const text = walk.rich || walk.placeholders.length > 0 ? envelope(values, walk) : JSON.stringify(values);
  // A UTF-16 unit takes at most 3 bytes, so most texts need no count.
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) throw tooLarge(subject, String(bytes), maxBytes);
  }
  return text;
}

function envelope(values: readonly unknown[], { rich, placeholders }: StorableWalk): string {
  const data = withoutPlaceholders(values, placeholders);
  const body = rich ? encodeRich(data) : { json: data };
  const fill = placeholders.length === 0 ? undefined : storedFill(placeholders);
  return JSON.stringify({ v: 1, ...body, fill });
}

interface Decoded {
  readonly values: unknown[];
  readonly slots: readonly PlaceholderSlot[];
}

function decode(text: string): Decoded {
  try {
    if (text.startsWith("[")) return { values: list(JSON.parse(text)), slots: [] };
    const { json, meta, fill } = readEnvelope(text);
    const values = list(meta === undefined ? json : decodeRich(json, meta));
    return { values, slots: placeholderSlots(values, fill) };
  } catch (error) {
    throw corrupt(text, error);
  }
}

interface Envelope {
  readonly json: unknown;
  readonly meta?: unknown;
  readonly fill?: unknown;
}

function readEnvelope(text: string): Envelope {
  const parsed: unknown = JSON.parse(text);
  const known =
    typeof parsed === "object" && parsed !== null && "v" in parsed && parsed.v === 1 && "json" in parsed;
  if (!known) throw new TypeError("it is no list and no envelope of version 1");
  // What superjson reads of it is checked by superjson while it reads.
  return { meta: undefined, fill: undefined, ...(parsed as Pick<Envelope, "json">) };
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError("it is no list of values");
  return value;
}

function corrupt(text: string, cause: unknown): PayloadCorruptError {
  return new PayloadCorruptError({
    code: "FL_PAYLOAD_CORRUPT",
    what: `Cannot read ${text.length} characters of stored arguments or result.`,
    why: cause instanceof Error ? `The reader says: ${preview(cause.message)}.` : undefined,
    mend: "They were changed in the store, or written by a newer version of Firelater.",
    cause,
  });
}
