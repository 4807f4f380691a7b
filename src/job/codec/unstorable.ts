import { FirelaterError, preview } from "../../base/error.ts";

/** A value that cannot be stored, named by its path (`FL_UNSTORABLE_ARGUMENT`, `FL_UNSTORABLE_RESULT`). */
export class UnstorableValueError extends FirelaterError {}
/** Arguments or a result above the size limit (`FL_ARGUMENTS_TOO_LARGE`, `FL_RESULT_TOO_LARGE`). */
export class PayloadTooLargeError extends FirelaterError {}

/** What is being stored, for messages: a call's arguments or a job's result. */
export interface Subject {
  readonly noun: string;
  /** The beginning of a path: `arguments[0]`, or `result`. */
  readonly root: (index: number) => string;
  readonly unstorable: `FL_${string}`;
  readonly tooLarge: `FL_${string}`;
}

export const ARGUMENTS: Subject = {
  noun: "the arguments",
  root: (index) => `arguments[${index}]`,
  unstorable: "FL_UNSTORABLE_ARGUMENT",
  tooLarge: "FL_ARGUMENTS_TOO_LARGE",
};

/** The arguments of one call of many. */
export function argumentsOfCall(call: number): Subject {
  return {
    ...ARGUMENTS,
    noun: `the arguments of calls[${call}]`,
    root: (index) => `calls[${call}].arguments[${index}]`,
  };
}

export const RESULT: Subject = {
  noun: "the result",
  root: () => "result",
  unstorable: "FL_UNSTORABLE_RESULT",
  tooLarge: "FL_RESULT_TOO_LARGE",
};

/** A step into a value: an index, a key, or the text of a step that has neither (into a Map or Set). */
export type Step = number | string | { readonly text: string };

/** Why a value is refused, and what to pass instead. */
export interface Refusal {
  readonly is: string;
  readonly why?: string;
  readonly mend: string;
}

export function unstorable(
  subject: Subject,
  path: readonly Step[],
  refusal: Refusal,
  cause?: unknown,
): UnstorableValueError {
  return new UnstorableValueError({
    code: subject.unstorable,
    what: `Cannot store ${subject.noun}: ${pathText(subject, path)} ${refusal.is}.`,
    why: refusal.why,
    mend: refusal.mend,
    cause,
  });
}

export function tooLarge(subject: Subject, bytes: string, limit: number): PayloadTooLargeError {
  return new PayloadTooLargeError({
    code: subject.tooLarge,
    what: `Cannot store ${subject.noun}: ${bytes} bytes, and the limit is ${limit} bytes.`,
    why: "Every store and every worker holds the whole of it in memory.",
    mend: "Put the data into a file or a table and pass its name or id, or raise the limit.",
  });
}

/** Refusals of primitive values. */
export const A_FUNCTION: Refusal = {
  is: "is a function",
  mend: "Name another job or pass the function's data.",
};
export const A_SYMBOL: Refusal = { is: "is a symbol", mend: "Pass its description as a string." };

/** Why an object that is neither plain nor one of the known built-ins is refused. */
export function describeUnstorable(value: object): Refusal {
  if (value instanceof Promise) return { is: "is a promise", mend: "Await it first and pass its value." };
  if (value instanceof AbortSignal || value instanceof AbortController) {
    return {
      is: "belongs to this process alone",
      mend: "Pass the placeholder job.signal: (j, job) => j.f(job.signal).",
    };
  }
  if (value instanceof ArrayBuffer || value instanceof DataView || isShared(value)) {
    return { is: `is ${preview(value)}`, mend: "Pass new Uint8Array(buffer)." };
  }
  if (value instanceof Error) {
    return {
      is: `is ${preview(value)}`,
      why: "It would come back without its class.",
      mend: "Pass its message or its data.",
    };
  }
  return {
    is: `is ${preview(value)}`,
    why: "It would come back without its class and its methods.",
    mend: "Pass plain data, such as { ...value }, or an id to load it by.",
  };
}

function isShared(value: object): boolean {
  return typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer;
}

function pathText(subject: Subject, path: readonly Step[]): string {
  const [first, ...rest] = path;
  const text = subject.root(typeof first === "number" ? first : 0) + rest.map(stepText).join("");
  // Deep paths keep both ends: where it begins is what the user recognises, where it ends is what is wrong.
  return text.length > 160 ? `${text.slice(0, 79)}…${text.slice(-80)}` : text;
}

function stepText(step: Step): string {
  if (typeof step === "object") return step.text;
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z_$][\w$]{0,59}$/.test(step) ? `.${step}` : `[${preview(step)}]`;
}
