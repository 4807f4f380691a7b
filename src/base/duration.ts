import { FirelaterError, preview } from "./error.ts";

/**
 * A length of time: `"500ms"`, `"30s"`, `"5m"`, `"1h"`, `"1d"`, or an object of parts (a `Temporal.Duration` without
 * years, months and weeks fits). Bare numbers are refused: nobody can see whether 5000 are seconds.
 */
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}` | DurationParts;

/** A duration in parts; those left out are 0. A `Temporal.Duration` without years, months and weeks fits. */
export interface DurationParts {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

/** A duration that is malformed, negative, not finite or longer than 100 years (`FL_INVALID_DURATION`). */
export class InvalidDurationError extends FirelaterError {}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PARTS = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
} as const;
const UNSUPPORTED = ["years", "months", "weeks"] as const;
const TEXT = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d)$/;

/** 100 years of 365.25 days: longer is a mistake in the unit, not a plan. */
export const LONGEST_DURATION_MS: number = 100 * 365.25 * 86_400_000;

/** A timer counts in 31 bits; one that is set for longer fires at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/** Milliseconds, rounded up so that nothing is ever early; `label` names the option in the error. */
export function toMilliseconds(duration: Duration, label = "the duration"): number {
  const exact = typeof duration === "string" ? fromText(duration) : fromParts(duration, label);
  if (exact === undefined || !Number.isFinite(exact)) throw refuse(duration, label, "it is not a duration");
  if (exact < 0) throw refuse(duration, label, "it is negative");
  if (exact > LONGEST_DURATION_MS) throw refuse(duration, label, "it is longer than 100 years");
  return Math.ceil(exact);
}

function fromText(text: string): number | undefined {
  const [, amount, unit] = TEXT.exec(text) ?? [];
  return amount === undefined || unit === undefined
    ? undefined
    : Number(amount) * (UNITS[unit] ?? Number.NaN);
}

function fromParts(parts: unknown, label: string): number | undefined {
  if (parts === null || typeof parts !== "object") return undefined;
  for (const part of UNSUPPORTED) {
    if (Reflect.get(parts, part)) throw refuse(parts, label, `${part} have no fixed length`);
  }
  let total = 0;
  let found = false;
  for (const [part, factor] of Object.entries(PARTS)) {
    const value: unknown = Reflect.get(parts, part);
    if (value === undefined) continue;
    if (typeof value !== "number") return undefined;
    total += value * factor;
    found = true;
  }
  return found ? total : undefined;
}

function refuse(value: unknown, label: string, why: string): InvalidDurationError {
  return new InvalidDurationError({
    code: "FL_INVALID_DURATION",
    what: `Cannot use ${shown(value)} as ${label}: ${why}.`,
    mend: 'Write "500ms", "30s", "5m", "1h", "1d" or { days, hours, minutes, seconds, milliseconds }.',
  });
}

/** The parts that were given: "an object" would hide which of them is wrong. */
function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return preview(value);
  const parts = [...UNSUPPORTED, ...Object.keys(PARTS)].flatMap((part) => {
    const amount: unknown = Reflect.get(value, part);
    // A Temporal.Duration has them all, most of them 0.
    return amount === undefined || amount === 0 ? [] : [`${part}: ${preview(amount)}`];
  });
  return parts.length === 0 ? preview(value) : `{ ${parts.join(", ")} }`;
}
