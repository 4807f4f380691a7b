import { FirelaterError } from "../../base/error.ts";
import { type Callable, isCallable } from "../../job/callable.ts";
import type { JobRegistry, RegisteredJob } from "../../job/registry.ts";

/** Makes the instance that a method runs on, typically from a container. Called once for each run. */
export type Activate = (type: abstract new (...args: never[]) => object) => object | Promise<object>;

/** A function that is ready to be called, and what is to be disposed of after the run. */
export interface ActivatedJob {
  readonly call: (args: unknown[]) => unknown;
  readonly instance?: object;
}

/** The instance for a run could not be made (`FL_ACTIVATION_FAILED`). Counts as a failed run. */
export class ActivationError extends FirelaterError {}

/** Binds a registered job to what it runs on. Instances are made here, in the run, so that their failure is its failure. */
export class Activator {
  readonly #activate: Activate | undefined;

  constructor(activate: Activate | undefined) {
    this.#activate = activate;
  }

  /** Immediate, without a promise, for everything but instances: the hot path has no await to spare. */
  activate({ name, target }: RegisteredJob): ActivatedJob | Promise<ActivatedJob> {
    if (target.kind === "function") return { call: (args) => Reflect.apply(target.fn, undefined, args) };
    if (target.kind === "method") {
      return {
        call: (args) => Reflect.apply(memberOf(target.object, target.method, name), target.object, args),
      };
    }
    return this.#withInstance(name, target);
  }

  async #withInstance(name: string, { type, method }: InstanceTarget): Promise<ActivatedJob> {
    const instance: unknown = await (this.#activate === undefined
      ? Reflect.construct(type, [])
      : this.#activate(type));
    if (typeof instance !== "object" || instance === null) {
      throw new ActivationError({
        code: "FL_ACTIVATION_FAILED",
        what: `activate gave no instance of ${type.name} for the job ${name}.`,
        mend: "Return an object from activate for every class that is registered.",
      });
    }
    const member = memberOf(instance, method, name);
    return { instance, call: (args) => Reflect.apply(member, instance, args) };
  }
}

/** Refuses to start a server that could not make its instances (`FL_ACTIVATE_NEEDED`): before a job fails for it. */
export function requireActivate(registry: JobRegistry, activate: Activate | undefined): void {
  const types = activate === undefined ? registry.classesNeedingActivate().map(({ name }) => name) : [];
  if (types.length === 0) return;
  throw new ActivateNeededError({
    code: "FL_ACTIVATE_NEEDED",
    what: `The constructors of these registered classes take arguments: ${types.slice(0, 10).join(", ")}.`,
    why: "Without `activate` an instance is made with `new Class()`.",
    mend: "Give the server `activate: (type) => container.get(type)`, or register an instance instead of the class.",
  });
}

/** A class cannot be made with `new Class()` and the server has no `activate` (`FL_ACTIVATE_NEEDED`). */
export class ActivateNeededError extends FirelaterError {}

type InstanceTarget = Extract<RegisteredJob["target"], { kind: "instance" }>;

function memberOf(object: object, method: string, name: string): Callable {
  const member: unknown = Reflect.get(object, method);
  if (isCallable(member)) return member;
  throw new ActivationError({
    code: "FL_ACTIVATION_FAILED",
    what: `The job ${name} has no function ${method} any more.`,
    why: "It was there when defineJobs was called.",
    mend: "Do not remove or replace registered methods; for instances, return the registered class from activate.",
  });
}

/** Ends the instance of a run: `Symbol.asyncDispose`, else `Symbol.dispose`, when it has one. */
export async function dispose(instance: object): Promise<void> {
  // Node 22 defines the symbols; an instance without either has nothing to end.
  const end: unknown = Reflect.get(instance, Symbol.asyncDispose) ?? Reflect.get(instance, Symbol.dispose);
  if (typeof end === "function") await Reflect.apply(end, instance, []);
}
