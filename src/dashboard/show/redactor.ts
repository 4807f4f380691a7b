import type { Logger } from "../../base/logger.ts";

/**
 * Gives what is shown in the place of a value. It is asked for each value on the way down, the whole first, and for each
 * text beside them; what it gives back unchanged is looked into, what it replaces is not.
 *
 * `path` begins with what the value belongs to: `"arguments"` (then the place of the argument), `"result"`, `"error"`,
 * `"parameters"`, `"log"`, `"progress"`, `"reason"`, `"displayName"`, `"tag"`,
 * `"limit"`, `"entry"`.
 */
export type Redact = (value: unknown, path: readonly (string | number)[]) => unknown;

const FAILED = "(the redaction failed)";

/** The redaction of the application, which harms nobody when it throws: then nothing is shown. */
export class Redactor {
  readonly isOn: boolean;
  readonly #redact: Redact | undefined;
  readonly #logger: Logger;

  constructor(redact: Redact | undefined, logger: Logger) {
    this.isOn = redact !== undefined;
    this.#redact = redact;
    this.#logger = logger;
  }

  of(value: unknown, path: readonly (string | number)[]): unknown {
    if (this.#redact === undefined) return value;
    try {
      return this.#redact(value, path);
    } catch (error) {
      this.#logger.error("redact of the dashboard has failed: the value is not shown", error);
      return FAILED;
    }
  }

  text(value: string, ...path: (string | number)[]): string {
    const shown = this.of(value, path);
    if (typeof shown === "string") return shown;
    try {
      return String(JSON.stringify(shown ?? null));
    } catch {
      // It gave something that JSON cannot say: what was to be hidden is not shown in its place.
      return FAILED;
    }
  }

  textOrNull(value: string | null, ...path: (string | number)[]): string | null {
    return value === null ? null : this.text(value, ...path);
  }
}
