import { FirelaterError, preview } from "../base/error.ts";
import { nearest } from "../base/suggestion.ts";
import { type AnyClass, isCallable, isClass } from "./callable.ts";
import {
  instanceMembers,
  type JobTarget,
  objectMembers,
  readMember,
  staticMembers,
} from "./entry-members.ts";
import { segmentProblem } from "./job-name.ts";
import { OptionTable } from "./option-table.ts";
import type { ResolvedJobOptions } from "./resolve-options.ts";

/** Jobs that cannot be registered as given (`FL_INVALID_JOBS`). */
export class InvalidJobsError extends FirelaterError {}

/** One job that this process can run. */
export interface RegisteredJob {
  /** The stored name: "tidy" or "mail.welcome". */
  readonly name: string;
  readonly target: JobTarget;
  readonly options: ResolvedJobOptions;
}

/** An entry of `defineJobs`: one job, or a group of jobs by member name. */
export type RegistryEntry = RegisteredJob | ReadonlyMap<string, RegisteredJob>;

/** What `defineJobs` knows at run time. Names are only ever looked up in these maps: nothing in the data is code. */
export class JobRegistry {
  readonly entries: ReadonlyMap<string, RegistryEntry>;
  readonly #byName = new Map<string, RegisteredJob>();

  constructor(entries: ReadonlyMap<string, RegistryEntry>) {
    this.entries = entries;
    const jobs = [...entries.values()].flatMap((entry) => (isGroup(entry) ? [...entry.values()] : [entry]));
    for (const job of jobs) this.#claim(job.name, job);
    for (const job of jobs) for (const former of job.options.formerly) this.#claim(former, job);
  }

  /** The job of this name, or the one that had it formerly. */
  find(name: string): RegisteredJob | undefined {
    return this.#byName.get(name);
  }

  /** Every name that this process can run, former ones included. */
  names(): string[] {
    return [...this.#byName.keys()];
  }

  /** The registered name that was most likely meant; looks among the group's own first. */
  suggest(name: string): string | undefined {
    const [first = "", member] = name.split(".");
    const group = this.entries.get(first);
    if (member !== undefined && group !== undefined && isGroup(group)) {
      const near = nearest(member, group.keys());
      return near === undefined ? undefined : `${first}.${near}`;
    }
    return nearest(name, this.#byName.keys()) ?? nearest(first, this.entries.keys());
  }

  /** The classes with instance methods whose constructor takes arguments: a server must be told how to make them. */
  classesNeedingActivate(): AnyClass[] {
    const types = new Set<AnyClass>();
    for (const { target } of this.#byName.values()) {
      if (target.kind === "instance" && target.type.length > 0) types.add(target.type);
    }
    return [...types];
  }

  #claim(name: string, job: RegisteredJob): void {
    const holder = this.#byName.get(name);
    if (holder !== undefined) throw twoJobsOfOneName(name, holder, job);
    this.#byName.set(name, job);
  }
}

export function isGroup(entry: RegistryEntry): entry is ReadonlyMap<string, RegisteredJob> {
  return entry instanceof Map;
}

/** Lists the jobs of each entry and resolves their options; throws a coded error at the first that cannot be right. */
export function buildRegistry(jobs: object, options: unknown): JobRegistry {
  const table = new OptionTable(options);
  const entries = new Map<string, RegistryEntry>();
  for (const name of Object.keys(jobs)) {
    const problem = segmentProblem(name);
    if (problem !== undefined) throw invalidEntry(name, `${problem}.`, "Register it under another name.");
    entries.set(name, buildEntry(name, readMember(jobs, name), table));
  }
  const registry = new JobRegistry(entries);
  table.refuseUnknown(entries);
  return registry;
}

function buildEntry(name: string, value: unknown, table: OptionTable): RegistryEntry {
  if (isCallable(value) && !isClass(value)) {
    return registered(name, { kind: "function", fn: value }, table.forFunction(name));
  }
  const group = new Map<string, RegisteredJob>();
  for (const [member, target] of membersOf(name, value)) {
    group.set(member, registered(`${name}.${member}`, target, table.forMember(name, member)));
  }
  return group;
}

function registered(name: string, target: JobTarget, options: ResolvedJobOptions): RegisteredJob {
  return Object.freeze({ name, target: Object.freeze(target), options });
}

function membersOf(name: string, value: unknown): Map<string, JobTarget> {
  if (isClass(value)) return classMembers(name, value);
  if (value instanceof Promise)
    throw invalidEntry(name, "it is a promise.", "Await it first: `await import(…)`.");
  if (typeof value === "object" && value !== null) return objectMembers(value);
  const mend = "Register a function, a module (`import * as`), an object, an instance or a class.";
  throw invalidEntry(name, `it is ${preview(value)}, or a getter, which is never run.`, mend);
}

function classMembers(name: string, type: AnyClass): Map<string, JobTarget> {
  const members = staticMembers(type);
  for (const [member, target] of instanceMembers(type)) {
    if (members.has(member)) {
      const why = `${preview(member)} is both a static and an instance method, so the call would be ambiguous.`;
      throw invalidEntry(name, why, "Rename one of them.");
    }
    members.set(member, target);
  }
  return members;
}

function invalidEntry(name: string, why: string, mend: string): InvalidJobsError {
  return new InvalidJobsError({
    code: "FL_INVALID_JOBS",
    what: `Cannot register ${preview(name)}:`,
    why,
    mend,
  });
}

function twoJobsOfOneName(name: string, first: RegisteredJob, second: RegisteredJob): InvalidJobsError {
  return new InvalidJobsError({
    code: "FL_INVALID_JOBS",
    what: `Two jobs claim the name ${preview(name)}: ${preview(first.name)} and ${preview(second.name)}.`,
    why: "A stored job is found by its name alone, former names included.",
    mend: "Rename one of them, or take the name out of its `formerly`.",
  });
}
