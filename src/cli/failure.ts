import { inspect } from "node:util";
import { FirelaterError } from "../base/error.ts";

export const FAILED = 1;
/** Calling it in the same way again cannot help. */
export const MISUSED = 2;

/** By their codes: the class of one belongs to a driver, which is loaded only where it is used. */
const MISUSES: ReadonlySet<string> = new Set([
  "FL_COMMAND_LINE",
  "FL_DASHBOARD_UNPROTECTED",
  "FL_INVALID_OPTIONS",
  "FL_INVALID_SCHEMA",
  "FL_INVALID_STORAGE_OPTIONS",
]);

export function exitCodeOf(error: unknown): number {
  return error instanceof FirelaterError && MISUSES.has(error.code) ? MISUSED : FAILED;
}

/** Errors of ours say all that helps. Any other is a defect, and whoever reports it needs its stack. */
export function describeFailure(error: unknown): string {
  if (error instanceof FirelaterError) return `firelater: ${error.message} (${error.code})`;
  return `firelater: this is a defect of Firelater, please report it: ${inspect(error)}`;
}
