import type { AuditEntry } from "../api/audit.ts";
import type { RowMaker } from "./job-row.ts";

/** Details may hold what was looked for, or why something failed. */
export function toAuditRow(entry: AuditEntry, { withData, redactor }: RowMaker): AuditEntry {
  if (!withData) return { ...entry, details: {} };
  const { error } = entry.details;
  if (typeof error !== "string") return entry;
  return { ...entry, details: { ...entry.details, error: redactor.text(error, "error", "message") } };
}
