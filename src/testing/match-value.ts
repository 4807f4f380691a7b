import { isDeepStrictEqual } from "node:util";
import { placeholderName, placeholderOf } from "../job/placeholder.ts";

/** What `expect.any(String)` and `expect.objectContaining(…)` of Vitest and Jest are. */
interface AsymmetricMatcher {
  asymmetricMatch(actual: unknown): boolean;
}

/** Whether a stored value is what a test expects: equal, or what a matcher in its place accepts. */
export function matches(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return Object.is(expected, actual);
  const placeholder = placeholderOf(expected);
  if (placeholder !== undefined) return actual === `{${placeholderName(placeholder)}}`;
  if (isMatcher(expected)) return expected.asymmetricMatch(actual);
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && expected.length === actual.length && matchesList(expected, actual);
  }
  return isPlain(expected) && isPlain(actual)
    ? matchesObject(expected, actual)
    : isDeepStrictEqual(expected, actual);
}

/** Lists of arguments: an optional one that is left out is one that is undefined. */
export function matchesList(expected: readonly unknown[], actual: readonly unknown[]): boolean {
  const length = Math.max(expected.length, actual.length);
  return Array.from({ length }, (_, at) => matches(expected[at], actual[at])).every(Boolean);
}

function matchesObject(expected: object, actual: object): boolean {
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys].every((key) => matches(Reflect.get(expected, key), Reflect.get(actual, key)));
}

function isMatcher(value: object): value is AsymmetricMatcher {
  return "asymmetricMatch" in value && typeof value.asymmetricMatch === "function";
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
