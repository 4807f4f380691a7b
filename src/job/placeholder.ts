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
  /** How it ended: for continuations on deletion or on any end. */
  readonly state: "Succeeded" | "Deleted";
  /** What it failed with before it was deleted; undefined when there is nothing to tell. */
  readonly error: ParentError | undefined;
}

/** The error of a parent, as it was stored. */
export interface ParentError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: ParentError;
}

/** What a placeholder stands for, as it is stored. `parent` counts the parents of the continuation from 0. */
export type Placeholder = { readonly kind: "id" | "attempt" | "signal" | "dueAt" } | ParentSlot;

/** What is known of a parent only when it has ended. `parent` is its place. */
export interface ParentSlot {
  /** `resultIfAny`: where the job also runs when the parent was deleted, and so has none. */
  readonly kind: "result" | "resultIfAny" | "state" | "error";
  readonly parent: number;
}

export function isParentSlot(placeholder: Placeholder): placeholder is ParentSlot {
  return "parent" in placeholder;
}

/** What people read where a placeholder stands. */
export function placeholderName(placeholder: Placeholder): string {
  if (!isParentSlot(placeholder)) return `job.${placeholder.kind}`;
  const { parent, kind } = placeholder;
  return `parents[${parent}].${kind === "resultIfAny" ? "result" : kind}`;
}

const markers = processWide("placeholders.v2", () => ({
  known: new WeakMap<object, Placeholder>(),
  parents: new Map<string, object>(), // by the parent's place and what is asked of it
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

/** The `parent` of `client.continueWith(id, (j, parent) => …)`. `mayLackResult`: it also runs when the parent was deleted. */
export function parentPlaceholder<R>(id: string, mayLackResult = false): ParentPlaceholder<R> {
  return parentAt<R>(id, 0, mayLackResult);
}

/** The `parents` of `client.continueWith([a, b], (j, [a, b]) => …)`. */
export function parentPlaceholders(
  ids: readonly string[],
  mayLackResult = false,
): readonly ParentPlaceholder<unknown>[] {
  return Object.freeze(ids.map((id, index) => parentAt<unknown>(id, index, mayLackResult)));
}

function parentAt<R>(id: string, parent: number, mayLackResult: boolean): ParentPlaceholder<R> {
  return Object.freeze({
    id,
    result: parentMarker<R>({ kind: mayLackResult ? "resultIfAny" : "result", parent }),
    state: parentMarker<"Succeeded" | "Deleted">({ kind: "state", parent }),
    error: parentMarker<ParentError>({ kind: "error", parent }),
  });
}

function parentMarker<T>(slot: ParentSlot): T {
  const key = `${slot.parent}.${slot.kind}`;
  const present = markers.parents.get(key);
  // The place alone decides: a marker stands for whatever type that parent returns.
  if (present !== undefined) return present as T;
  const made = marker<T & object>(slot, placeholderName(slot).replace("parents[0]", "parent"));
  markers.parents.set(key, made);
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
