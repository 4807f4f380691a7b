import { segmentProblem } from "./job-name.ts";
import type { JobSet, SourceOf } from "./job-set.ts";
import type { Recorder } from "./recorded-calls.ts";
import { recordedFunction } from "./recorder.ts";
import { noteMissing } from "./recording.ts";

/**
 * The recorder of a producer that has only the types of the jobs: any name of one or two segments gives a call, and the
 * servers decide whether they know it. Names that make an object look like something else (`then`, `toJSON`…) and
 * symbols give undefined, so that it is never taken for a promise.
 */
export function typeOnlyRecorder<J extends JobSet>(): Recorder<SourceOf<J>> {
  // The proxy answers every name; only the caller's type argument knows which of them exist.
  return root as Recorder<SourceOf<J>>;
}

/** An entry may be a job itself or a group of jobs: a function that also has members. */
function entry(name: string): object {
  return named(recordedFunction(name), (member) => recordedFunction(`${name}.${member}`));
}

// One for the process: it depends on nothing.
const root = named(Object.create(null), entry);

function named(target: object, make: (name: string) => object): object {
  const made = new Map<string, object>();
  return new Proxy(emptyLike(target), {
    get(_target, key) {
      if (typeof key !== "string") return undefined;
      if (segmentProblem(key) !== undefined) return noteMissing({ name: key, suggest: () => undefined });
      return remember(made, key, make);
    },
  });
}

function remember(made: Map<string, object>, key: string, make: (name: string) => object): object {
  const present = made.get(key);
  if (present !== undefined) return present;
  const value = make(key);
  // The names come from the code, so they are few; should someone compute them from data, memory stays bounded.
  if (made.size < 10_000) made.set(key, value);
  return value;
}

// A proxy must give a frozen target's own properties as they are, and a function owns `name` and `length`, which are
// fine names for jobs: so the target is a function that owns nothing.
function emptyLike(target: object): object {
  if (typeof target !== "function") return target;
  const bare = (...args: unknown[]): unknown => Reflect.apply(target as () => unknown, undefined, args);
  Reflect.deleteProperty(bare, "name");
  Reflect.deleteProperty(bare, "length");
  return bare;
}
