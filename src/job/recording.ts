import { FirelaterError } from "../base/error.ts";
import { processWide } from "../base/process-wide.ts";
import { type JobCall, makeCall } from "./job-call.ts";

/** A recorded function called while nothing captures (`FL_CALL_OUTSIDE_CAPTURE`): the call would be lost. */
export class CallOutsideCaptureError extends FirelaterError {}

/** What happens between the start and the end of one capture. */
export interface Recording {
  calls: number;
  last: JobCall | undefined;
  /** The last name that was read and does not exist; what the lambda does next is a TypeError. */
  missing: MissingName | undefined;
}

/** A name that a recorder does not have. */
export interface MissingName {
  readonly name: string;
  /** The name that was most likely meant. */
  readonly suggest: () => string | undefined;
}

interface State {
  current: Recording | undefined;
  readonly streams: Set<Recording>;
}

// A capture runs its lambda synchronously, so one slot is enough to know which calls were made inside it.
const state = processWide("recording.v1", (): State => ({ current: undefined, streams: new Set() }));

export function newRecording(): Recording {
  return { calls: 0, last: undefined, missing: undefined };
}

/** Runs a function so that the calls made in it count for this recording; captures may nest. */
export function recordInto<T>(recording: Recording, run: () => T): T {
  const outer = state.current;
  state.current = recording;
  try {
    return run();
  } finally {
    state.current = outer;
  }
}

/**
 * While an async iterable of calls is consumed its calls are made between our turns, where no slot is set: until
 * `endStream`, calls outside a capture are let through. What they give is a value like any other.
 */
export function beginStream(recording: Recording): void {
  state.streams.add(recording);
}

export function endStream(recording: Recording): void {
  state.streams.delete(recording);
}

/** What every recorded function does. */
export function recordCall(name: string, args: readonly unknown[]): JobCall {
  const recording = state.current;
  if (recording === undefined && state.streams.size === 0) throw outsideCapture(name);
  const call = makeCall(name, args);
  if (recording !== undefined) {
    recording.calls++;
    recording.last = call;
  }
  return call;
}

/** What a recorder does when a name is read that it does not have. */
export function noteMissing(missing: MissingName): void {
  const recordings = state.current === undefined ? state.streams : [state.current];
  for (const recording of recordings) recording.missing = missing;
}

function outsideCapture(name: string): CallOutsideCaptureError {
  return new CallOutsideCaptureError({
    code: "FL_CALL_OUTSIDE_CAPTURE",
    what: `The recorder's ${JSON.stringify(name)} was called outside the function that was given to the client.`,
    why: "Such a call is stored nowhere: the recorder works only while that function runs, before its first await.",
    mend: `Write client.enqueue((j) => j.${name}(…)), and await other things before it.`,
  });
}
