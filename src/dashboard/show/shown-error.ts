import { isRecord } from "../../job/options.ts";
import type { ShownError } from "../api/job.ts";
import type { Redactor } from "./redactor.ts";
import { ShowBudget, showValue } from "./shown-json.ts";

const DEPTH = 6;
const MOST_ERRORS = 5;

/** A stored error as people see it; null when what is stored is none. */
export function showError(
  error: unknown,
  fingerprint: unknown,
  redactor: Redactor,
  depth = 0,
): ShownError | null {
  if (!isRecord(error) || depth > DEPTH) return null;
  const text = (member: string): string | null => {
    const value = error[member];
    return typeof value === "string" ? redactor.text(value, "error", member) : null;
  };
  const errors = Array.isArray(error.errors) ? error.errors.slice(0, MOST_ERRORS) : [];
  return {
    type: text("type") ?? "Error",
    message: text("message") ?? "",
    stack: text("stack"),
    code: text("code"),
    properties: showValue(error.properties ?? null, redactor, ["error", "properties"], new ShowBudget(4_096)),
    cause: showError(error.cause, undefined, redactor, depth + 1),
    errors: errors.map((one) => showError(one, undefined, redactor, DEPTH)).filter((one) => one !== null),
    fingerprint: typeof fingerprint === "string" ? fingerprint : null,
  };
}

/** Class and message in one line. */
export function errorLine(error: ShownError | null): string | null {
  return error === null ? null : `${error.type}: ${error.message}`.split("\n", 1).join("").slice(0, 500);
}
