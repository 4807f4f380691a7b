import type { ShownJson } from "../../../src/dashboard/api/index.ts";

/** A form that stands for what JSON cannot say: to be shown as a text, or as what it holds under another word. */
export type Special =
  | { readonly kind: "text"; readonly text: string; readonly note: boolean }
  | { readonly kind: "value"; readonly word: string; readonly value: ShownJson };

/** Undefined when it is a value like any other. */
export function readSpecial(value: ShownJson): Special | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries: readonly (readonly [string, ShownJson])[] = Object.entries(value);
  const [only] = entries;
  if (entries.length !== 1 || only === undefined || !only[0].startsWith("$")) return undefined;
  return read(only[0], only[1]);
}

function read(key: string, held: ShownJson): Special | undefined {
  const text = Array.isArray(held) ? held.join(" ") : String(held);
  switch (key) {
    case "$date":
      return { kind: "text", text: `Date ${text}`, note: false };
    case "$bigint":
      return { kind: "text", text: `${text}n`, note: false };
    case "$number":
      return { kind: "text", text, note: false };
    case "$url":
      return { kind: "text", text: `URL ${text}`, note: false };
    case "$regexp":
      return { kind: "text", text: Array.isArray(held) ? `/${held[0]}/${held[1] ?? ""}` : text, note: false };
    case "$undefined":
      return { kind: "text", text: "undefined", note: true };
    case "$placeholder":
      return { kind: "text", text: `‹${text}›`, note: true };
    case "$bytes":
      return {
        kind: "text",
        text: Array.isArray(held) ? `${held[0]} of ${held[1]} bytes` : text,
        note: true,
      };
    case "$cut":
      return { kind: "text", text: `… ${text} more`, note: true };
    case "$map":
      return { kind: "value", word: "Map ", value: held };
    case "$set":
      return { kind: "value", word: "Set ", value: held };
    case "$error":
      return { kind: "value", word: "Error ", value: held };
    case "$object":
      return { kind: "value", word: "", value: held };
    default:
      return undefined;
  }
}
