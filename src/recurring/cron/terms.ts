import { didYouMean } from "../../base/suggestion.ts";
import { invalidPart, type Place } from "./invalid-cron-error.ts";

/** What one term of a list allows. */
export interface Term {
  readonly values: readonly number[];
  /** Whether it was written with `*`, a range or a step. */
  readonly interval: boolean;
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

const TERM = /^(\*|[0-9A-Z]+)(?:-([0-9A-Z]+))?(?:\/([0-9A-Z]+))?$/;
const NUMBER = /^[0-9]+$/;

/** The terms of a list, none of them empty. */
export function splitList(list: string, place: Place): string[] {
  const terms = list.split(",");
  if (terms.includes("")) throw invalidPart(place, list, "has a comma with nothing on one side");
  return terms;
}

/** `*`, `5`, `10-20`, each also with a step. */
export function readTerm(term: string, place: Place): Term {
  const [, start, end, step] = TERM.exec(term) ?? [];
  if (start === undefined || (start === "*" && end !== undefined))
    throw invalidPart(place, term, "is no value, range or step");
  const by = step === undefined ? 1 : readStep(step, term, place);
  if (start === "*") return { values: count(place.field.least, place.field.most, by, place), interval: true };
  const from = readValue(start, place);
  if (end !== undefined) return { values: count(from, readValue(end, place), by, place), interval: true };
  if (step !== undefined) return { values: count(from, place.field.most, by, place), interval: true };
  return { values: [from], interval: false };
}

/** A number or a name of the field. */
export function readValue(text: string, place: Place): number {
  const { least, most } = place.field;
  if (!NUMBER.test(text)) return readName(text, place);
  const value = Number(text);
  if (text.length <= 2 && value >= least && value <= most) return value;
  throw invalidPart(place, text, `lies outside ${least} to ${most}`);
}

/** A whole number up to 99 between two bounds, as in `L-3` and `FRI#2`. */
export function readCount(digits: string, bounds: Bounds, part: string, place: Place): number {
  const value = Number(digits);
  if (digits.length <= 2 && value >= bounds.least && value <= bounds.most) return value;
  const range = `${bounds.least} to ${bounds.most}`;
  throw invalidPart(place, part, `counts to ${digits.slice(0, 10)}, outside ${range}`);
}

function readName(text: string, place: Place): number {
  const { least, names } = place.field;
  const index = names.indexOf(text);
  if (index !== -1) return least + index;
  const near = names.find((name) => text.startsWith(name));
  const hint = near === undefined ? didYouMean(text, names) : `Did you mean "${near}"?`;
  throw invalidPart(place, text, names.length > 0 ? "is no number and no name" : "is no number", hint);
}

function readStep(text: string, term: string, place: Place): number {
  const { least, most } = place.field;
  if (!NUMBER.test(text))
    throw invalidPart(place, term, `has the step "${text.slice(0, 10)}", which is no number`);
  const step = Number(text);
  if (step >= 1 && step <= most) return step;
  const why =
    step === 0
      ? "has the step 0, which would never move on"
      : `has the step ${text.slice(0, 10)}, which is never taken: counting starts anew at ${least} before`;
  throw invalidPart(place, term, why);
}

/** From `start` to `end`, around the end of the field when `end` is the smaller: steps are counted on through it. */
function count(start: number, end: number, step: number, { field }: Place): number[] {
  const length = end >= start ? end - start : end - start + field.cycle;
  const values: number[] = [];
  for (let offset = 0; offset <= length; offset += step) {
    const value = start + offset;
    values.push(value > field.most ? value - field.cycle : value);
  }
  return values;
}
