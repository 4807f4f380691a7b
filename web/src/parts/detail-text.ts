import type { ShownJson } from "../../../src/dashboard/api/index.ts";
import { visibleText } from "./visible-text.ts";

/** What an entry of the audit trail says besides, in a line: `matches: 30 · filter: state Failed, queue mail`. */
export function detailText(details: { readonly [key: string]: ShownJson }): string {
  const told = Object.entries(details).filter(([, value]) => value !== null);
  return visibleText(told.map(([key, value]) => `${key}: ${textOf(value)}`).join(" · "));
}

function textOf(value: ShownJson): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${textOf(inner)}`)
    .join(", ");
}
