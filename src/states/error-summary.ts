import { isInstance } from "../base/error.ts";

/** What is kept of a thrown value: bounded text, whatever was thrown. */
export interface ErrorSummary {
  /** Class of the error; the type of the value when something else was thrown. */
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  /** Its own further properties, such as `status`: JSON, texts cut. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorSummary;
  /** What an AggregateError holds: the first five. */
  readonly errors?: readonly ErrorSummary[];
}

const MESSAGE_CHARS = 2_000;
const STACK_CHARS = 8_000;
const STACK_LINES = 100;
const NAME_CHARS = 100;
const CAUSES = 5;
const ERRORS = 5;
const PROPERTIES = 20;
const PROPERTIES_CHARS = 4_000;
const PROPERTY_CHARS = 1_000;
/** What stands elsewhere in the summary. */
const SHOWN = new Set(["name", "message", "stack", "code", "cause", "errors"]);

/** Describes anything that can be thrown: null, a string of a megabyte, an object whose getters throw. */
export function summarizeError(thrown: unknown, causes: number = CAUSES): ErrorSummary {
  if (!isInstance(thrown, Error))
    return { type: typeName(thrown), message: clip(textOf(thrown), MESSAGE_CHARS) };
  const stack = read(thrown, "stack");
  const code = read(thrown, "code");
  const cause = read(thrown, "cause");
  const properties = propertiesOf(thrown);
  return {
    type: clip(textOf(read(thrown, "name") ?? "Error"), NAME_CHARS),
    message: clip(textOf(read(thrown, "message") ?? ""), MESSAGE_CHARS),
    ...(typeof stack === "string" ? { stack: clipStack(stack) } : {}),
    ...(typeof code === "string" || typeof code === "number" ? { code: clip(String(code), NAME_CHARS) } : {}),
    ...(properties === undefined ? {} : { properties }),
    ...(cause !== undefined && causes > 0 ? { cause: summarizeError(cause, causes - 1) } : {}),
    ...(causes > 0 ? errorsOf(thrown) : {}),
  };
}

/** Each of them without its own causes: a tree of errors must not grow out of bounds. */
function errorsOf(thrown: Error): { readonly errors?: readonly ErrorSummary[] } {
  const errors = read(thrown, "errors");
  if (!Array.isArray(errors) || errors.length === 0) return {};
  return { errors: errors.slice(0, ERRORS).map((error) => summarizeError(error, 0)) };
}

function propertiesOf(thrown: Error): Readonly<Record<string, unknown>> | undefined {
  const properties: Record<string, unknown> = {};
  let room = PROPERTIES_CHARS;
  for (const key of ownKeys(thrown)) {
    const text = jsonOf(read(thrown, key));
    if (text === undefined) continue;
    const name = clip(key, NAME_CHARS);
    room -= name.length + Math.min(text.length, PROPERTY_CHARS);
    if (room < 0) break;
    // Defined, so that a key such as __proto__ is a property like any other.
    const value: unknown = text.length > PROPERTY_CHARS ? clip(text, PROPERTY_CHARS) : JSON.parse(text);
    Object.defineProperty(properties, name, { value, enumerable: true });
  }
  return Object.keys(properties).length === 0 ? undefined : properties;
}

function ownKeys(thrown: Error): string[] {
  try {
    return Object.keys(thrown)
      .filter((key) => !SHOWN.has(key))
      .slice(0, PROPERTIES);
  } catch {
    // It refuses to be looked at: then its class and message have to do.
    return [];
  }
}

/** Undefined for what JSON leaves out, functions above all. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)?.toWellFormed();
  } catch {
    return JSON.stringify(`(a ${typeof value} that cannot be shown)`);
  }
}

function typeName(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  const type = read(value, "constructor");
  const name = typeof type === "function" ? read(type, "name") : undefined;
  return typeof name === "string" && name !== "" ? clip(name, NAME_CHARS) : "object";
}

function read(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch (error) {
    // The getter's own error stands for the value: nothing better can be said.
    return `(reading ${key} threw ${typeof error})`;
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return value !== null && typeof value === "object"
      ? (JSON.stringify(value) ?? String(value))
      : String(value);
  } catch {
    return `(a ${typeof value} that cannot be shown)`;
  }
}

function clipStack(stack: string): string {
  const bounded = clip(stack, STACK_CHARS);
  const lines = bounded.split("\n");
  return lines.length <= STACK_LINES ? bounded : `${lines.slice(0, STACK_LINES).join("\n")}\n…`;
}

/** Well-formed and bounded, so that every engine can hold it. */
function clip(text: string, length: number): string {
  return (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
}
