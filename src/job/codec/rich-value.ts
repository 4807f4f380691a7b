import { SuperJSON, type SuperJSONResult } from "superjson";
import { isRootPrototype } from "./root-prototype.ts";

type Json = SuperJSONResult["json"];

/** Built-in objects that are stored besides plain objects and arrays. */
export type RichKind = "date" | "regexp" | "url" | "map" | "set" | "bytes" | "error";

const VIEWS = {
  Buffer,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

const ERRORS = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
};

// By exact prototype, so that a subclass, which would lose its class, is never taken for the built-in.
const KINDS: ReadonlyMap<unknown, RichKind> = new Map<unknown, RichKind>([
  [Date.prototype, "date"],
  [RegExp.prototype, "regexp"],
  [URL.prototype, "url"],
  [Map.prototype, "map"],
  [Set.prototype, "set"],
  ...Object.values(VIEWS).map((view): [unknown, RichKind] => [view.prototype, "bytes"]),
  ...Object.values(ERRORS).map((type): [unknown, RichKind] => [type.prototype, "error"]),
]);

export function richKind(prototype: unknown): RichKind | undefined {
  return KINDS.get(prototype);
}

// superjson, except for what it does not bring back equal: typed arrays (NaN, big integers and Buffers are lost, and a
// byte costs 4 characters), errors (class, stack and own properties are lost) and objects without a prototype or with
// keys that it refuses.
const superjson = new SuperJSON();

superjson.registerCustom<ArrayBufferView, Json>(
  {
    isApplicable: (value): value is ArrayBufferView => richKind(prototypeOf(value)) === "bytes",
    serialize: (view) => [
      nameOf(VIEWS, view),
      Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64"),
    ],
    deserialize: (json) => viewFrom(json),
  },
  "bytes",
);

superjson.registerCustom<Error, Json>(
  {
    isApplicable: (value): value is Error => richKind(prototypeOf(value)) === "error",
    serialize: (error) => walkedFurther(errorParts(error)),
    deserialize: (json) => errorFrom(json),
  },
  "error",
);

superjson.registerCustom<object, Json>(
  {
    isApplicable: (value): value is object => isOddObject(value),
    serialize: (object) => walkedFurther([Object.getPrototypeOf(object) === null, Object.entries(object)]),
    deserialize: (json) => objectFrom(json),
  },
  "object",
);

// superjson does not look into a plain object of another realm (test runners have two): it is stored on its own, and
// comes back as one of this realm.
superjson.registerCustom<object, Json>(
  {
    isApplicable: (value): value is object => isForeignPlain(value),
    serialize: (object) => walkedFurther(encodeRich({ ...object })),
    deserialize: (json) => nestedFrom(json),
  },
  "nested",
);

/** Data that JSON alone would change, as JSON and a note of what each place was. */
export function encodeRich(value: unknown): SuperJSONResult {
  const { json, meta } = superjson.serialize(value);
  // superjson's list of shared references is left out: restoring it moves the entries of Maps and Sets and then
  // overwrites the wrong ones. Shared objects come back as equal copies, as in plain JSON.
  return meta?.values === undefined ? { json } : { json, meta: { values: meta.values, v: 1 } };
}

/** The value again; throws when this was not made by `encodeRich`. */
export function decodeRich(json: unknown, meta: unknown): unknown {
  if (meta === undefined) return json;
  const { values } = record(meta);
  checkNotes(values);
  return superjson.deserialize({ json, meta: { values, v: 1 } } as SuperJSONResult, { inPlace: true });
}

/**
 * A note is `[type]`, `[type, notes]` or notes by path, and a type is a name or a list of names. superjson runs for half
 * a second on text in the place of a note, so corrupt ones are told before.
 */
function checkNotes(notes: unknown): void {
  const [type, inner, ...rest] = Array.isArray(notes) ? notes : ["", notes];
  const isType =
    typeof type === "string" || (Array.isArray(type) && type.every((name) => typeof name === "string"));
  if (!isType || rest.length > 0) throw malformed();
  if (inner !== undefined) Object.values(record(inner)).forEach(checkNotes);
}

/** superjson walks on into what a custom type gives, so it need not be JSON yet; its types do not say so. */
function walkedFurther(value: unknown): Json {
  return value as Json;
}

function prototypeOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
}

function nameOf(classes: Readonly<Record<string, { readonly prototype: unknown }>>, value: object): string {
  const prototype = prototypeOf(value);
  return Object.keys(classes).find((name) => classes[name]?.prototype === prototype) ?? "";
}

function viewFrom(json: unknown): ArrayBufferView {
  const [name, base64] = list(json);
  if (typeof name !== "string" || typeof base64 !== "string") throw malformed();
  const bytes = Buffer.from(base64, "base64");
  if (name === "Buffer") return bytes;
  const View = lookUp(VIEWS, name);
  // A copy: small Buffers share one pool, whose other bytes are nobody's business.
  const own = new Uint8Array(bytes).buffer;
  return View === Buffer ? bytes : new (View as Uint8ArrayConstructor)(own);
}

interface ErrorParts {
  readonly type: string;
  readonly stack: string | null;
  /** Key, value, whether it is enumerable. */
  readonly own: readonly (readonly [string, unknown, boolean])[];
}

function errorParts(error: Error): ErrorParts {
  return {
    type: nameOf(ERRORS, error),
    stack: typeof error.stack === "string" ? error.stack : null,
    own: ownOfError(error).map(([key, { value, enumerable }]) => [key, value, enumerable === true]),
  };
}

/** An error's own properties besides its stack: message, cause, errors and whatever was added. */
export function ownOfError(error: Error): [string, PropertyDescriptor][] {
  return Object.entries(Object.getOwnPropertyDescriptors(error)).filter(([key]) => key !== "stack");
}

function errorFrom(json: unknown): Error {
  const { type, stack, own } = record(json);
  const Type = lookUp(ERRORS, type);
  const error = Type === AggregateError ? new AggregateError([]) : new (Type as ErrorConstructor)();
  if (typeof stack === "string") define(error, "stack", stack, false);
  for (const entry of list(own)) {
    const [key, value, enumerable] = list(entry);
    define(error, String(key), value, enumerable === true);
  }
  return error;
}

/** Objects whose prototype or keys superjson does not keep. */
function isOddObject(value: unknown): boolean {
  const prototype = prototypeOf(value);
  if (typeof value !== "object" || value === null) return false;
  if (prototype === null) return true;
  return (
    prototype === Object.prototype &&
    (Object.hasOwn(value, "constructor") || Object.hasOwn(value, "prototype"))
  );
}

function isForeignPlain(value: unknown): value is object {
  const prototype = prototypeOf(value);
  return typeof prototype === "object" && prototype !== Object.prototype && isRootPrototype(prototype);
}

function nestedFrom(json: unknown): object {
  const { json: inner, meta } = record(json);
  return record(decodeRich(inner, meta));
}

function objectFrom(json: unknown): object {
  const [bare, entries] = list(json);
  const object: object = bare === true ? Object.create(null) : {};
  for (const entry of list(entries)) {
    const [key, value] = list(entry);
    Object.defineProperty(object, String(key), {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return object;
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable, configurable: true });
}

function lookUp<T>(classes: Readonly<Record<string, T>>, name: unknown): T {
  const found = typeof name === "string" && Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (found === undefined) throw malformed();
  return found;
}

function list(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw malformed();
  return json;
}

function record(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw malformed();
  return { ...json };
}

function malformed(): TypeError {
  return new TypeError("a stored value has an unknown shape");
}
