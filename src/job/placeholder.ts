import { FirelaterError } from "../base/error.ts";
import { processWide } from "../base/process-wide.ts";

/** A placeholder that was read instead of passed on (`FL_PLACEHOLDER_READ`): its value is not known yet. */
export class PlaceholderReadError extends FirelaterError {}

/** Stands for values known when the job runs. May only be passed on as an argument; reading into one throws. */
export interface JobPlaceholders {
  readonly id: string;
  /** 1 on the first run. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly dueAt: Date;
}

/** Stands for a parent job: its id is known now, its result (a placeholder) when the continuation runs. */
export interface ParentPlaceholder<R> {
  readonly id: string;
  readonly result: R;
}

/** What a placeholder stands for, as it is stored. `parent` counts the parents of the continuation from 0. */
export type Placeholder =
  | { readonly kind: "id" | "attempt" | "signal" | "dueAt" }
  | { readonly kind: "result"; readonly parent: number };

const markers = processWide("placeholders.v1", () => ({
  known: new WeakMap<object, Placeholder>(),
  results: [] as object[], // by the parent's place
}));

/** What a value stands for, or undefined when it is no placeholder. */
export function placeholderOf(value: object): Placeholder | undefined {
  return markers.known.get(value);
}

/** The `job` of `client.enqueue((j, job) => …)`. */
export const jobPlaceholders: JobPlaceholders = Object.freeze({
  id: marker<string>({ kind: "id" }, "job.id"),
  attempt: marker<number>({ kind: "attempt" }, "job.attempt"),
  signal: marker<AbortSignal>({ kind: "signal" }, "job.signal"),
  dueAt: marker<Date>({ kind: "dueAt" }, "job.dueAt"),
});

/** The `parent` of `client.continueWith(id, (j, parent) => …)`. */
export function parentPlaceholder<R>(id: string): ParentPlaceholder<R> {
  return Object.freeze({ id, result: resultMarker<R>(0, "parent.result") });
}

/** The `parents` of `client.continueWith([a, b], (j, [a, b]) => …)`. */
export function parentPlaceholders(ids: readonly string[]): readonly ParentPlaceholder<unknown>[] {
  return Object.freeze(
    ids.map((id, index) => Object.freeze({ id, result: resultMarker(index, `parents[${index}].result`) })),
  );
}

function resultMarker<R>(parent: number, label: string): R {
  const present = markers.results[parent];
  // The place alone decides: a marker stands for whatever type that parent returns.
  if (present !== undefined) return present as R;
  const made = marker<R & object>({ kind: "result", parent }, label);
  markers.results[parent] = made;
  return made;
}

/** A value of the type that it stands for, as far as the compiler knows; at run time any look into it throws. */
function marker<T>(placeholder: Placeholder, label: string): T {
  const refuse = (): never => {
    throw readError(label);
  };
  const proxy = new Proxy(Object.freeze(Object.create(null)), {
    get: refuse,
    set: refuse,
    has: refuse,
    ownKeys: refuse,
    getPrototypeOf: refuse,
    getOwnPropertyDescriptor: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  });
  markers.known.set(proxy, Object.freeze(placeholder));
  return proxy;
}

function readError(label: string): PlaceholderReadError {
  return new PlaceholderReadError({
    code: "FL_PLACEHOLDER_READ",
    what: `${label} was read while the call was captured.`,
    why: "It is a placeholder: its value is known only when the job runs.",
    mend: `Pass ${label} on as an argument and read it inside the job.`,
  });
}
