import { isInstance } from "../base/error.ts";

/** What is kept of a thrown value: bounded text, whatever was thrown. */
export interface ErrorSummary {
  /** Class of the error; the type of the value when something else was thrown. */
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: ErrorSummary;
}

const MESSAGE_CHARS = 2_000;
const STACK_CHARS = 8_000;
const STACK_LINES = 100;
const NAME_CHARS = 100;
const CAUSES = 5;

/** Describes anything that can be thrown: null, a string of a megabyte, an object whose getters throw. */
export function summarizeError(thrown: unknown, causes: number = CAUSES): ErrorSummary {
  if (!isInstance(thrown, Error))
    return { type: typeName(thrown), message: clip(textOf(thrown), MESSAGE_CHARS) };
  const stack = read(thrown, "stack");
  const code = read(thrown, "code");
  const cause = read(thrown, "cause");
  return {
    type: clip(textOf(read(thrown, "name") ?? "Error"), NAME_CHARS),
    message: clip(textOf(read(thrown, "message") ?? ""), MESSAGE_CHARS),
    ...(typeof stack === "string" ? { stack: clipStack(stack) } : {}),
    ...(typeof code === "string" || typeof code === "number" ? { code: clip(String(code), NAME_CHARS) } : {}),
    ...(cause !== undefined && causes > 0 ? { cause: summarizeError(cause, causes - 1) } : {}),
  };
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
