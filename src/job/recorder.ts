import type { JobCall } from "./job-call.ts";
import { type JobSet, registryOf, type SourceOf } from "./job-set.ts";
import type { Recorder } from "./recorded-calls.ts";
import { noteMissing, recordCall } from "./recording.ts";
import { isGroup, type JobRegistry, type RegisteredJob } from "./registry.ts";

const recorders = new WeakMap<JobRegistry, object>();

/** The recorder of a job set: a frozen tree of plain objects, built once. */
export function recorderOf<J extends JobSet>(jobs: J): Recorder<SourceOf<J>> {
  const registry = registryOf(jobs);
  let recorder = recorders.get(registry);
  if (recorder === undefined) {
    recorder = buildRecorder(registry);
    recorders.set(registry, recorder);
  }
  // The tree is built from the registry at run time; only defineJobs's signature knows that it has the shape of S.
  return recorder as Recorder<SourceOf<J>>;
}

function buildRecorder(registry: JobRegistry): object {
  const root = emptyLevel(registry, "");
  for (const [name, entry] of registry.entries) {
    define(root, name, isGroup(entry) ? buildGroup(registry, name, entry) : recordedFunction(name));
  }
  return Object.freeze(root);
}

function buildGroup(registry: JobRegistry, name: string, jobs: ReadonlyMap<string, RegisteredJob>): object {
  const group = emptyLevel(registry, `${name}.`);
  for (const member of jobs.keys()) define(group, member, recordedFunction(`${name}.${member}`));
  return Object.freeze(group);
}

/** The function that stands for a job; its own `name` is the job's, for error messages and debuggers. */
export function recordedFunction(name: string): (...args: unknown[]) => JobCall {
  const recorded = (...args: unknown[]): JobCall => recordCall(name, args);
  Object.defineProperty(recorded, "name", { value: name });
  return Object.freeze(recorded);
}

/**
 * One level of the tree. Its own names are plain properties, which is all that a call, a spread or a list ever meets.
 * A name that it does not have goes on to the prototype, which notes it: so the capture can say "did you mean" when the
 * lambda then stumbles over `undefined`, without running the user's code a second time.
 */
function emptyLevel(registry: JobRegistry, prefix: string): object {
  const prototype = new Proxy(Object.freeze(Object.create(null)), {
    get(_target, key) {
      if (typeof key !== "string") return undefined;
      const name = prefix + key;
      return noteMissing({ name, suggest: () => registry.suggest(name) });
    },
  });
  return Object.create(prototype);
}

// Not an assignment: `toString` and the like must become own properties whatever the prototype holds.
function define(level: object, name: string, value: unknown): void {
  Object.defineProperty(level, name, { value, enumerable: true });
}
