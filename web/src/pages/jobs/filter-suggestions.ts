import { FILTER_KEYS, type FilterKey, HOLDS } from "./job-search.ts";

/** What is known of jobs without a search for it. */
export interface Known {
  readonly names: readonly string[];
  readonly queues: readonly string[];
  readonly tags: readonly string[];
}

export interface Suggestion {
  /** What takes the place of the word that is being typed. */
  readonly term: string;
  readonly hint: string;
  /** The whole line with it. */
  readonly line: string;
}

const MOST = 8;
const SPANS = ["15m", "1h", "24h", "7d"];
const ALL: Readonly<Record<FilterKey, string>> = {
  name: "job name",
  queue: "queue",
  tag: "tag",
  hold: "what keeps it from being fetched",
  args: "text in the arguments",
  path: "path in the arguments",
  error: "text of error, reason or result",
  since: "from then on",
  before: "until then",
};

/** How the word at the end of the line may go on: values of a filter that is named, else names of jobs and filters. */
export function suggest(line: string, known: Known, keys: readonly FilterKey[] = FILTER_KEYS): Suggestion[] {
  if (line.split('"').length % 2 === 0) return [];
  const word = /\S*$/.exec(line)?.[0] ?? "";
  const before = line.slice(0, line.length - word.length);
  const colon = word.indexOf(":");
  const found = colon < 0 ? firstWords(word, known, keys) : valuesOf(word, colon, known, keys);
  return found
    .filter(({ term }) => term !== word)
    .slice(0, MOST)
    .map(({ term, hint }) => ({ term, hint, line: `${before}${term}${term.endsWith(":") ? "" : " "}` }));
}

type Term = Pick<Suggestion, "term" | "hint">;

function firstWords(word: string, { names }: Known, keys: readonly FilterKey[]): Term[] {
  const fits = keys.filter((key) => key.startsWith(word.toLowerCase()));
  const filters = fits.map((key) => ({ term: `${key}:`, hint: ALL[key] }));
  if (word === "") return filters;
  return [...matching(names, word).map((name) => ({ term: nameTerm(name), hint: ALL.name })), ...filters];
}

function valuesOf(word: string, colon: number, known: Known, keys: readonly FilterKey[]): Term[] {
  const key = keys.find((one) => one === word.slice(0, colon).toLowerCase());
  if (key === undefined) return [];
  const lists: { readonly [name in FilterKey]?: readonly string[] } = {
    ...{ name: known.names, queue: known.queues, tag: known.tags },
    ...{ since: SPANS, before: SPANS, hold: HOLDS },
  };
  const values = matching(lists[key] ?? [], word.slice(colon + 1));
  return values.map((value) => ({ term: `${key}:${quoted(value)}`, hint: ALL[key] }));
}

/** What begins with it before what only has it somewhere. */
function matching(values: readonly string[], part: string): string[] {
  const wanted = part.toLowerCase();
  const rank = (value: string) => value.toLowerCase().indexOf(wanted);
  return [...new Set(values)]
    .filter((value) => !value.includes('"') && rank(value) >= 0)
    .sort((a, b) => Math.min(1, rank(a)) - Math.min(1, rank(b)) || (a < b ? -1 : 1));
}

/** In quotes alone it would be a text to look for. */
function nameTerm(name: string): string {
  const term = quoted(name);
  return term === name ? name : `name:${term}`;
}

function quoted(value: string): string {
  return /[\s:]/.test(value) ? `"${value}"` : value;
}
