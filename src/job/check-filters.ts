import { editDistance } from "../base/suggestion.ts";
import type { JobFilter } from "./job-filter.ts";
import { isRecord, refuseOption, unknownOption } from "./options.ts";

const MOST_FILTERS = 100;

const HOOKS: Readonly<Record<Exclude<keyof JobFilter, "name" | "order">, true>> = {
  onCreating: true,
  onCreated: true,
  onClientException: true,
  onPerforming: true,
  aroundPerform: true,
  onPerformed: true,
  onServerException: true,
  onStateElection: true,
  onStateApplied: true,
};
const NAMES = Object.keys(HOOKS);

/** Narrows to a list of filters; throws at the first that is none. A misspelt function would silently never be called. */
export function checkFilters(filters: unknown, label: string): asserts filters is readonly JobFilter[] {
  if (!Array.isArray(filters) || filters.length > MOST_FILTERS) {
    throw refuseOption(filters, label, `a list of at most ${MOST_FILTERS} filters.`);
  }
  filters.forEach((filter, index) => {
    checkFilter(filter, `number ${index + 1} of ${label}`);
  });
}

function checkFilter(filter: unknown, label: string): void {
  if (!isRecord(filter)) throw refuseOption(filter, label, "an object with functions such as onPerforming.");
  const { name, order } = filter;
  if (order !== undefined && !Number.isFinite(order))
    throw refuseOption(order, `the order of ${label}`, "a number.");
  if (name !== undefined && typeof name !== "string")
    throw refuseOption(name, `the name of ${label}`, "a text.");
  for (const key in filter) if (/^(on|around)[A-Z]/.test(key)) checkHook(filter, key, label);
  for (const key of methodsOf(filter)) if (isMisspelt(key)) throw unknownOption(key, NAMES, label);
  if (NAMES.every((hook) => filter[hook] === undefined)) {
    throw refuseOption(filter, label, `an object with at least one of ${NAMES.join(", ")}.`);
  }
}

/** Methods of its classes. They may have others of their own, such as the `onModuleInit` of a container. */
function* methodsOf(filter: object): Iterable<string> {
  let type: object | null = Object.getPrototypeOf(filter);
  for (; type !== null && type !== Object.prototype; type = Object.getPrototypeOf(type)) {
    yield* Object.getOwnPropertyNames(type);
  }
}

/** Nearly one of the functions of a filter. */
function isMisspelt(key: string): boolean {
  return !Object.hasOwn(HOOKS, key) && key.length > 6 && NAMES.some((name) => isNear(key, name));
}

/** One slip of the fingers away, or written with other capitals. */
function isNear(key: string, name: string): boolean {
  return editDistance(key.toLowerCase(), name.toLowerCase()) <= 1;
}

function checkHook(filter: Readonly<Record<string, unknown>>, key: string, label: string): void {
  if (!Object.hasOwn(HOOKS, key)) throw unknownOption(key, NAMES, label);
  const hook = filter[key];
  if (hook !== undefined && typeof hook !== "function")
    throw refuseOption(hook, `${key} of ${label}`, "a function.");
}
