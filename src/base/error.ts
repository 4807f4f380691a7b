/** The four answers every error of Firelater gives, and the stable code that programs may test. */
export interface ErrorParts {
  /** Stable, never reused, listed in `docs/reference/errors.md`. */
  readonly code: `FL_${string}`;
  /** What happened, one sentence. */
  readonly what: string;
  /** Why it happened or why it is refused, one sentence. */
  readonly why?: string | undefined;
  /** How to mend it, one sentence. */
  readonly mend?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The base of every error that Firelater throws. Test `error.code`, not the message: codes are stable, texts improve.
 *
 * @example
 * ```ts
 * import { FirelaterError } from "firelater";
 *
 * export function isFull(error: unknown): boolean {
 *   return error instanceof FirelaterError && error.code === "FL_ARGUMENTS_TOO_LARGE";
 * }
 * ```
 */
export class FirelaterError extends Error {
  readonly code: `FL_${string}`;

  constructor({ code, what, why, mend, cause }: ErrorParts) {
    super([what, why, mend].filter(Boolean).join(" "), cause === undefined ? undefined : { cause });
    this.code = code;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** `instanceof` for values from anywhere: a proxy that refuses to tell its prototype is an instance of nothing. */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** A value as it may stand in an error message: one line, at most 60 characters, never a whole payload. */
export function preview(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : describe(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function describe(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value !== "object")
    return typeof value === "function" ? "a function" : String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "Object" ? `an instance of ${name}` : "an object";
}
