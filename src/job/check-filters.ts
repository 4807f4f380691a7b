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
  if (Object.keys(HOOKS).every((hook) => filter[hook] === undefined)) {
    throw refuseOption(filter, label, `an object with at least one of ${Object.keys(HOOKS).join(", ")}.`);
  }
}

function checkHook(filter: Readonly<Record<string, unknown>>, key: string, label: string): void {
  if (!Object.hasOwn(HOOKS, key)) throw unknownOption(key, Object.keys(HOOKS), label);
  const hook = filter[key];
  if (hook !== undefined && typeof hook !== "function")
    throw refuseOption(hook, `${key} of ${label}`, "a function.");
}
