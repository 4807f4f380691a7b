import { FirelaterError, preview } from "../base/error.ts";
import { PARAMETER_CHARS } from "../storage/index.ts";
import type { JobParameters } from "./job-filter.ts";
import { isRecord } from "./options.ts";

/** A parameter that cannot be stored (`FL_INVALID_PARAMETER`). */
export class InvalidParameterError extends FirelaterError {}

const NAME_CHARS = 100;

/** The parameters of one job: read from its text when first asked for, and written back as a whole. */
export class ParameterBag implements JobParameters {
  readonly #stored: string | null;
  /** Told after each change. */
  readonly #changed: () => void;
  /** JSON texts: what is given out is the reader's own, and changes nothing here until it is set. */
  #values: Map<string, string> | undefined;
  #isChanged = false;

  constructor(stored: string | null, changed: () => void = () => {}) {
    this.#stored = stored;
    this.#changed = changed;
  }

  get(name: string): unknown {
    const text = this.#read().get(name);
    return text === undefined ? undefined : JSON.parse(text);
  }

  set(name: string, value: unknown): void {
    const values = new Map(this.#read());
    if (typeof name !== "string" || name === "" || name.length > NAME_CHARS) {
      throw refuse(name, `a parameter's name is a text of 1 to ${NAME_CHARS} characters`);
    }
    values.set(name, jsonOf(name, value));
    this.#replace(values);
  }

  delete(name: string): void {
    const values = new Map(this.#read());
    if (values.delete(name)) this.#replace(values);
  }

  names(): string[] {
    return [...this.#read().keys()];
  }

  /** The text to store; undefined when nothing was changed. */
  get changedText(): string | undefined {
    return this.#isChanged ? textOf(this.#read()) : undefined;
  }

  #replace(values: Map<string, string>): void {
    const { length } = textOf(values);
    if (length > PARAMETER_CHARS) {
      throw new InvalidParameterError({
        code: "FL_INVALID_PARAMETER",
        what: `The parameters of the job would take ${length} characters.`,
        why: `They are read with every claim of the job, and bounded to ${PARAMETER_CHARS} characters in all.`,
        mend: "Keep large data elsewhere, and its key here.",
      });
    }
    this.#values = values;
    this.#isChanged = true;
    this.#changed();
  }

  #read(): Map<string, string> {
    this.#values ??= new Map(entriesOf(this.#stored));
    return this.#values;
  }
}

function entriesOf(text: string | null): [name: string, json: string][] {
  return Object.entries(readParameters(text)).map(([name, value]) => [name, JSON.stringify(value)]);
}

/** Stored parameters. What somebody has damaged is as good as none: a job must not be lost for it. */
export function readParameters(text: string | null): Readonly<Record<string, unknown>> {
  if (text === null) return {};
  try {
    const values: unknown = JSON.parse(text);
    return isRecord(values) ? values : {};
  } catch {
    return {};
  }
}

function textOf(values: ReadonlyMap<string, string>): string {
  const members = Array.from(values, ([name, json]) => `${JSON.stringify(name)}:${json}`);
  return `{${members.join(",")}}`;
}

function jsonOf(name: string, value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch (cause) {
    throw refuse(name, `no JSON can be made of ${preview(value)}`, cause);
  }
  throw refuse(name, `no JSON can be made of ${preview(value)}`);
}

function refuse(name: unknown, why: string, cause?: unknown): InvalidParameterError {
  return new InvalidParameterError({
    code: "FL_INVALID_PARAMETER",
    what: `Cannot set the parameter ${preview(name)}: ${why}.`,
    mend: "Parameters are JSON values by name, such as set('cursor', 42); delete('cursor') removes one.",
    cause,
  });
}
