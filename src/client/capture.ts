import { FirelaterError, preview } from "../base/error.ts";
import { type CapturedCall, readCall } from "../job/job-call.ts";
import { type MissingName, newRecording, type Recording, recordInto } from "../job/recording.ts";

/** The function returned no call that it made (`FL_NO_CALL`). */
export class NoCallError extends FirelaterError {}
/** The function made several calls where one belongs, or calls that it did not give (`FL_MANY_CALLS`). */
export class ManyCallsError extends FirelaterError {}
/** The function is async (`FL_ASYNC_CALL`): a call is captured at once. */
export class AsyncCallError extends FirelaterError {}
/** The function named a job that is not registered (`FL_UNKNOWN_JOB`). */
export class UnknownJobError extends FirelaterError {}

const LIKE_THIS = "Write it like (j) => j.mail.welcome(address).";

/**
 * Runs the function of `enqueue`, or of a recurring job, against the recorder and gives the one call that it made and
 * returned. The function runs at once, synchronously, exactly once; an error of its own comes through untouched.
 */
export function capture<P extends readonly unknown[]>(
  call: (...parameters: P) => unknown,
  ...parameters: P
): CapturedCall {
  const recording = newRecording();
  const returned = runCall(recording, call, parameters);
  const captured = readCall(returned);
  if (captured !== undefined && recording.calls === 1 && recording.last === returned) return captured;
  throw mistake(recording, returned, captured, isAsyncFunction(call));
}

/** Runs a function of the user with the recorder, turning "undefined is not a function" into the name that is missing. */
export function runCall<P extends readonly unknown[], R>(
  recording: Recording,
  call: (...parameters: P) => R,
  parameters: P,
): R {
  if (typeof call !== "function") throw noFunction(call);
  try {
    return recordInto(recording, () => call(...parameters));
  } catch (error) {
    throw explain(recording, error);
  }
}

/** The error of a user's function: its own, untouched, or the name whose lack made it a TypeError. */
export function explain({ missing }: Recording, error: unknown): unknown {
  return error instanceof TypeError && missing !== undefined ? unknownJob(missing, error) : error;
}

/** Keeps a promise that nobody will await from becoming an unhandled rejection. Only real promises: `then` may act. */
export function silence(value: unknown): void {
  if (value instanceof Promise) value.catch(() => {});
}

/** What went wrong, the most telling first. */
function mistake(
  recording: Recording,
  returned: unknown,
  captured: CapturedCall | undefined,
  isAsync: boolean,
): FirelaterError {
  silence(returned);
  if (returned instanceof Promise && (isAsync || recording.calls > 0)) return asyncCall();
  if (recording.calls > 1) return manyCalls(recording.calls, Array.isArray(returned));
  if (recording.missing !== undefined && recording.calls === 0 && returned === undefined)
    return unknownJob(recording.missing);
  return noCall(recording.calls === 1 && captured === undefined, returned, captured);
}

function noCall(made: boolean, returned: unknown, captured: CapturedCall | undefined): NoCallError {
  const [why, mend] = noCallReason(made, returned, captured);
  return new NoCallError({
    code: "FL_NO_CALL",
    what: "The function gave no call of a job to store.",
    why,
    mend,
  });
}

function noCallReason(
  made: boolean,
  returned: unknown,
  captured: CapturedCall | undefined,
): [why: string, mend: string] {
  if (captured !== undefined)
    return [`It returned a call of ${preview(captured.name)} that was made elsewhere.`, LIKE_THIS];
  if (Array.isArray(returned))
    return ["It returned a list.", "Return one call; only enqueueMany takes several."];
  if (made && returned === undefined)
    return ["It made a call and did not return it.", "Add return, or drop the braces."];
  if (made) return [`It made a call, but returned ${preview(returned)}.`, "Return the call itself."];
  if (typeof returned === "function") return [notCalled(returned), "Call it, with its arguments."];
  if (returned === undefined || returned === null || typeof returned === "boolean") {
    return [`It returned ${preview(returned)}.`, `${LIKE_THIS} Put a condition around the whole statement.`];
  }
  const what = returned instanceof Promise ? "a promise" : preview(returned);
  return [`It returned ${what}: this ran the real function, here and now, if it ran any.`, LIKE_THIS];
}

function notCalled(returned: object): string {
  const name: unknown = Reflect.get(returned, "name");
  return typeof name === "string" && name !== ""
    ? `It returned the function ${preview(name)} itself.`
    : "It returned a function.";
}

function manyCalls(calls: number, isList: boolean): ManyCallsError {
  return new ManyCallsError({
    code: "FL_MANY_CALLS",
    what: `The function made ${calls} calls of jobs; it may make one.`,
    why: isList ? undefined : "A call that is made and not returned would be lost.",
    mend: "Write a function for each call; only enqueueMany takes several.",
  });
}

function asyncCall(): AsyncCallError {
  return new AsyncCallError({
    code: "FL_ASYNC_CALL",
    what: "The function that names the call is async.",
    why: "A call is captured at once, so the function cannot wait for anything.",
    mend: "Await before it, then name the call: (j) => j.mail.welcome(address).",
  });
}

function unknownJob({ name, suggest }: MissingName, cause?: unknown): UnknownJobError {
  const meant = suggest();
  return new UnknownJobError({
    code: "FL_UNKNOWN_JOB",
    what: `There is no job ${preview(name)} in the job set.`,
    why: "Jobs are the functions given to defineJobs; getters, reserved names and functions in fields of a class are none.",
    mend: meant === undefined ? "Register it with defineJobs." : `Did you mean ${preview(meant)}?`,
    cause,
  });
}

function noFunction(given: unknown): NoCallError {
  silence(given);
  return new NoCallError({
    code: "FL_NO_CALL",
    what: `Expected a function that names the call, got ${given instanceof Promise ? "a promise" : preview(given)}.`,
    mend: LIKE_THIS,
  });
}

function isAsyncFunction(call: unknown): boolean {
  return Object.prototype.toString.call(call) === "[object AsyncFunction]";
}
