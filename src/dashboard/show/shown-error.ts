import { isRecord } from "../../job/options.ts";
import type { ShownError } from "../api/job.ts";
import type { Redactor } from "./redactor.ts";
import { ShowBudget, showValue } from "./shown-json.ts";

const DEPTH = 7;
const MOST_ERRORS = 5;

type Path = readonly (string | number)[];

/** A stored error as people see it; null when what is stored is none. Redacted as a search looks at it: whole, then in parts. */
export function showError(
  error: unknown,
  fingerprint: unknown,
  redactor: Redactor,
  path: Path = ["error"],
): ShownError | null {
  if (!isRecord(error) || path.length > DEPTH) return null;
  const seen = redactor.of(error, path);
  if (seen !== error) return replaced(seen, fingerprint);
  const text = (member: string): string | null => {
    const value = error[member];
    return typeof value === "string" ? redactor.text(value, ...path, member) : null;
  };
  const errors = Array.isArray(error.errors) ? error.errors.slice(0, MOST_ERRORS) : [];
  const properties = error.properties ?? null;
  return {
    type: text("type") ?? "Error",
    message: text("message") ?? "",
    stack: text("stack"),
    code: text("code"),
    properties: showValue(properties, redactor, [...path, "properties"], new ShowBudget(4_096)),
    cause: showError(error.cause, undefined, redactor, [...path, "cause"]),
    errors: errors
      .map((one, nth) => showLeaf(one, redactor, [...path, "errors", nth]))
      .filter((one) => one !== null),
    fingerprint: typeof fingerprint === "string" ? fingerprint : null,
  };
}

/** One of several: what it was caused by is left out. */
function showLeaf(error: unknown, redactor: Redactor, path: Path): ShownError | null {
  if (!isRecord(error)) return null;
  return showError({ ...error, cause: undefined, errors: [] }, undefined, redactor, path);
}

/** What the application shows in the place of an error. */
function replaced(shown: unknown, fingerprint: unknown): ShownError {
  const message = typeof shown === "string" ? shown : "(redacted)";
  const nothing = { stack: null, code: null, properties: null, cause: null, errors: [] };
  return {
    ...{ type: "Error", message, ...nothing },
    fingerprint: typeof fingerprint === "string" ? fingerprint : null,
  };
}

/** Class and message in one line. */
export function errorLine(error: ShownError | null): string | null {
  return error === null ? null : `${error.type}: ${error.message}`.split("\n", 1).join("").slice(0, 500);
}
