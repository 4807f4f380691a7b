import type { JobCall } from "./job-call.ts";
import { segmentProblem } from "./job-name.ts";
import type { JobSet, SourceOf } from "./job-set.ts";
import type { Recorder } from "./recorded-calls.ts";
import { recordedFunction } from "./recorder.ts";
import { noteMissing, recordCall } from "./recording.ts";

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
  const recorded = (...args: unknown[]): JobCall => recordCall(name, args);
  // `name` and `length` are fine names for members, so the function must own none of its own.
  Reflect.deleteProperty(recorded, "name");
  Reflect.deleteProperty(recorded, "length");
  return answering(recorded, (member) => recordedFunction(`${name}.${member}`));
}

// One for the process: it depends on nothing.
const root = answering(Object.create(null), entry);

/** The target with any name as a member, made when it is first read. */
function answering(target: object, make: (name: string) => object): object {
  const made = new Map<string, object>();
  return new Proxy(target, {
    get(_target, key) {
      if (typeof key !== "string") return undefined;
      if (segmentProblem(key) !== undefined) return noteMissing({ name: key, suggest: () => undefined });
      return made.get(key) ?? remember(made, key, make(key));
    },
  });
}

function remember(made: Map<string, object>, key: string, value: object): object {
  // The names come from the code, so they are few; should someone compute them from data, memory stays bounded.
  if (made.size < 10_000) made.set(key, value);
  return value;
}
