/** Every parameter and every member of a body is read by one of these: checked, bounded, or refused. */
import { preview } from "../../base/error.ts";
import { parseId } from "../../base/ids.ts";
import { invalid, type Problem } from "./problem.ts";

/** Gives a value of its type, or throws. Left out, it is given undefined. */
export type Reader<T> = (value: unknown, label: string) => T;
export type Readers<T> = { readonly [K in keyof T]-?: Reader<T[K]> };

/** Reads named values; a name that nobody asks for is refused, so that a filter is never mistyped into none. */
export function readFields<T extends object>(
  values: ReadonlyMap<string, unknown>,
  readers: Readers<T>,
  what: string,
): T {
  for (const name of values.keys()) {
    if (Object.hasOwn(readers, name)) continue;
    const known = Object.keys(readers).join(", ");
    throw invalid(
      `There is no ${what} ${preview(name)}.`,
      known === "" ? "Leave it out." : `There are: ${known}.`,
    );
  }
  const read: Partial<T> = {};
  for (const name of namesOf(readers)) {
    const value = readers[name](values.get(String(name)), `the ${what} ${String(name)}`);
    if (value !== undefined) read[name] = value;
  }
  return read as T;
}

function namesOf<T extends object>(readers: Readers<T>): (keyof T)[] {
  return Object.keys(readers) as (keyof T)[];
}

export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value, label) => (value === undefined ? undefined : reader(value, label));
}

export function withDefault<T>(reader: Reader<T>, standard: T): Reader<T> {
  return (value, label) => (value === undefined ? standard : reader(value, label));
}

/** 1 to `most` characters; control characters are no part of any name or search. */
export function text(most: number, least = 1): Reader<string> {
  return (value, label) => {
    const fits = typeof value === "string" && value.length >= least && value.length <= most;
    if (fits && !value.includes("\0") && value.isWellFormed()) return value;
    throw refuse(value, label, `a text of ${least} to ${most} characters.`);
  };
}

export function integer(least: number, most: number): Reader<number> {
  return (value, label) => {
    const number = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most)
      return number;
    throw refuse(value, label, `a whole number from ${least} to ${most}.`);
  };
}

/** What a Date can hold, either side of 1970. */
const FARTHEST = 8.64e15;

export const instant: Reader<number> = (value, label) => {
  return integer(-FARTHEST, FARTHEST)(value, `${label} (milliseconds since 1970)`);
};

export function oneOf<const T extends string>(known: readonly T[]): Reader<T> {
  return (value, label) => {
    const found = known.find((one) => one === value);
    if (found !== undefined) return found;
    throw refuse(value, label, `${known.join(", ")}.`);
  };
}

export const flag: Reader<boolean> = (value, label) => {
  if (typeof value === "boolean") return value;
  throw refuse(value, label, "true or false.");
};

export const uuid: Reader<string> = (value, label) => {
  const id = parseId(value);
  if (id !== undefined) return id;
  throw refuse(value, label, "the id of a job.");
};

export function listOf<T>(reader: Reader<T>, least: number, most: number): Reader<readonly T[]> {
  return (value, label) => {
    if (Array.isArray(value) && value.length >= least && value.length <= most)
      return value.map((one: unknown) => reader(one, label));
    throw refuse(value, label, `a list of ${least} to ${most}.`);
  };
}

export function refuse(value: unknown, label: string, fits: string): Problem {
  const what = value === undefined ? `${label} is missing.` : `Cannot use ${preview(value)} as ${label}.`;
  return invalid(what.charAt(0).toUpperCase() + what.slice(1), `What fits: ${fits}`);
}
