import { type AnyClass, type Callable, isCallable, isClass } from "./callable.ts";
import { isRootPrototype } from "./codec/root-prototype.ts";
import { segmentProblem } from "./job-name.ts";
import { isLiveBinding } from "./live-binding.ts";

/** What a server calls for a job. */
export type JobTarget =
  | { readonly kind: "function"; readonly fn: Callable }
  /** A function of a module or an object, or a static method: called on its owner. */
  | { readonly kind: "method"; readonly object: object; readonly method: string }
  /** An instance method: called on an instance made for the run. */
  | { readonly kind: "instance"; readonly type: AnyClass; readonly method: string };

/** A module that is still being evaluated (an import cycle), so that its exports cannot be listed yet. */
export class UnfinishedModule {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** The jobs of a module namespace, object or instance, by member name: methods up its prototypes included. */
export function objectMembers(object: object): Map<string, JobTarget> {
  const members = new Map<string, JobTarget>();
  for (const method of methodNames(object, isRootPrototype))
    members.set(method, { kind: "method", object, method });
  return members;
}

/** The static methods of a class, inherited ones included. */
export function staticMembers(type: AnyClass): Map<string, JobTarget> {
  const members = new Map<string, JobTarget>();
  for (const method of methodNames(type, isFunctionPrototype)) {
    members.set(method, { kind: "method", object: type, method });
  }
  return members;
}

/** The instance methods of a class, inherited ones included. Functions in fields exist per instance: not seen here. */
export function instanceMembers(type: AnyClass): Map<string, JobTarget> {
  const members = new Map<string, JobTarget>();
  const prototype: unknown = type.prototype;
  if (typeof prototype !== "object" || prototype === null || isRootPrototype(prototype)) return members;
  for (const method of methodNames(prototype, isRootPrototype))
    members.set(method, { kind: "instance", type, method });
  return members;
}

/** The value of an own property, without ever running a getter; undefined when it has one. */
export function readMember(holder: object, key: string): unknown {
  try {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    if (descriptor === undefined || "value" in descriptor) return descriptor?.value;
    return isLiveBinding(holder, descriptor.get) ? Reflect.get(holder, key) : undefined;
  } catch (error) {
    if (error instanceof ReferenceError) throw new UnfinishedModule(error);
    throw error;
  }
}

/** Nearer ones hide those further up, also when the nearer is no function: a call would meet the nearer. */
function methodNames(start: object, isEnd: (object: object) => boolean): string[] {
  const names: string[] = [];
  const seen = new Set<string>();
  for (let at: object | null = start; at !== null; at = Object.getPrototypeOf(at)) {
    if (at !== start && isEnd(at)) break;
    for (const key of Object.getOwnPropertyNames(at)) {
      if (seen.has(key)) continue;
      seen.add(key);
      if (segmentProblem(key) === undefined && isJobFunction(readMember(at, key))) names.push(key);
    }
  }
  return names;
}

function isJobFunction(value: unknown): boolean {
  return isCallable(value) && !isClass(value);
}

/** `Function.prototype`, of any realm. */
function isFunctionPrototype(object: object): boolean {
  const parent: object | null = Object.getPrototypeOf(object);
  return parent === null || isRootPrototype(parent);
}
