import type { JobSelection } from "../../operations/job-selection.ts";
import type { RowMaker } from "./job-row.ts";
import type { Redactor } from "./redactor.ts";

/** What groups of errors are looked up by: it says nothing of what the error says. */
const FINGERPRINT = /^"fingerprint":"[0-9a-f]{16}"$/;

export function isFingerprint(error: string): boolean {
  return FINGERPRINT.test(error);
}

/** Whether a filter could tell something of the jobs that redaction hides. */
export function looksIntoData({ args, error }: Pick<JobSelection, "args" | "error">): boolean {
  return args !== undefined || (error !== undefined && !isFingerprint(error));
}

/** A tag that is shown otherwise is found by nobody. */
export function isHiddenTag(tag: string | undefined, redactor: Redactor): boolean {
  return tag !== undefined && redactor.text(tag, "tag") !== tag;
}

/** A filter that somebody has used, without what may be what jobs work with. */
export function showFilter(filter: JobSelection, { withData, redactor }: RowMaker): JobSelection {
  const { args: _, path: __, error, tag, ...open } = filter;
  const group = error !== undefined && isFingerprint(error) ? { error } : {};
  if (!withData) return { ...open, ...group };
  const shown = tag === undefined ? {} : { tag: redactor.text(tag, "tag") };
  return redactor.isOn ? { ...open, ...group, ...shown } : filter;
}
