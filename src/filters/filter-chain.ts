import type { JobFilter } from "../job/job-filter.ts";
import type { ResolvedJobOptions } from "../job/resolve-options.ts";
import { idempotentCompletion } from "./idempotent-completion.ts";
import { latencyTimeout } from "./latency-timeout.ts";

/** Where automatic retry stands among the filters that elect a state. As in Hangfire. */
export const RETRY_ORDER = 20;

/** The filters of one job in their order, by what they do. */
export interface FilterChain {
  /** Those that are asked while the job is stored. */
  readonly creating: readonly JobFilter[];
  readonly clientExceptions: readonly JobFilter[];
  /** Those that stand around a run. */
  readonly performing: readonly JobFilter[];
  readonly serverExceptions: readonly JobFilter[];
  readonly electing: {
    readonly beforeRetry: readonly JobFilter[];
    readonly afterRetry: readonly JobFilter[];
  };
  readonly applied: readonly JobFilter[];
}

/** The chains of the jobs of one client or server. A job without filters has none, and pays nothing. */
export class FilterChains {
  readonly #global: readonly JobFilter[];
  readonly #chains = new WeakMap<ResolvedJobOptions, FilterChain | "none">();

  constructor(global: readonly JobFilter[] = []) {
    this.#global = global;
  }

  of(options: ResolvedJobOptions): FilterChain | undefined {
    let chain = this.#chains.get(options);
    if (chain === undefined) {
      chain = filterChain([this.#global, options.filters, builtIn(options)]) ?? "none";
      this.#chains.set(options, chain);
    }
    return chain === "none" ? undefined : chain;
  }
}

/** Filters by order, then by scope, from general to special. Undefined when there is none. */
export function filterChain(scopes: readonly (readonly JobFilter[])[]): FilterChain | undefined {
  const filters = scopes.flat().sort((a, b) => orderOf(a) - orderOf(b));
  if (filters.length === 0) return undefined;
  const electing = filters.filter(({ onStateElection }) => onStateElection !== undefined);
  return {
    creating: filters.filter(({ onCreating, onCreated }) => (onCreating ?? onCreated) !== undefined),
    clientExceptions: filters.filter(({ onClientException }) => onClientException !== undefined).reverse(),
    performing: filters.filter(
      ({ onPerforming, aroundPerform, onPerformed }) =>
        (onPerforming ?? aroundPerform ?? onPerformed) !== undefined,
    ),
    serverExceptions: filters.filter(({ onServerException }) => onServerException !== undefined).reverse(),
    electing: {
      beforeRetry: electing.filter((filter) => orderOf(filter) < RETRY_ORDER),
      afterRetry: electing.filter((filter) => orderOf(filter) >= RETRY_ORDER),
    },
    applied: filters.filter(({ onStateApplied }) => onStateApplied !== undefined),
  };
}

function orderOf({ order = 0 }: JobFilter): number {
  return order;
}

function builtIn({ latencyTimeoutMs, idempotentCompletion: idempotent }: ResolvedJobOptions): JobFilter[] {
  const filters: JobFilter[] = [];
  if (latencyTimeoutMs !== undefined) filters.push(latencyTimeout(latencyTimeoutMs));
  if (idempotent) filters.push(idempotentCompletion);
  return filters;
}

/** What people know a filter by. */
export function nameOf(filter: JobFilter): string {
  if (filter.name !== undefined) return filter.name;
  // A module of functions has no prototype, and so no constructor.
  const type: unknown = Reflect.get(filter, "constructor");
  const name = typeof type === "function" ? type.name : "";
  return name === "" || name === "Object" ? "a filter without a name" : name;
}
