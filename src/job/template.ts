/** Texts with `{0}` in them, where the arguments of a call are put in. */
import { createHash } from "node:crypto";
import { encodeValue } from "./codec.ts";
import { placeholderOf } from "./placeholder.ts";

const SLOT = /\{(\d{1,3})\}/g;

export function hasSlots(template: string): boolean {
  // Asked for every call: nearly no text has a brace.
  return template.includes("{") && template.search(SLOT) !== -1;
}

/**
 * The template with its arguments in place, whole: a key or a queue of two different calls must not be the same because
 * a text was cut. Values that are no texts stand as they are stored; one that is known only when the job runs, or that is missing,
 * leaves its slot as it is.
 */
export function fillTemplate(template: string, args: readonly unknown[]): string {
  return template.replace(SLOT, (slot, index) => {
    const value = args[Number(index)];
    return value === undefined || isPlaceholder(value) ? slot : textOf(value);
  });
}

/** At most `length` characters: a longer text keeps its beginning and ends in a digest of all of it. */
export function digested(text: string, length: number): string {
  if (text.length <= length) return text.toWellFormed();
  const digest = createHash("sha256").update(text).digest("base64url");
  return `${text.slice(0, length - digest.length - 1)}~${digest}`.toWellFormed();
}

function isPlaceholder(value: unknown): boolean {
  return typeof value === "object" && value !== null && placeholderOf(value) !== undefined;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object") return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid date" : value.toISOString();
  return encodeValue(value);
}
