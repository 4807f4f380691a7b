import { decodeArguments, decodeValue } from "../../job/codec.ts";
import { placeholderName } from "../../job/placeholder.ts";
import type { ShownJson, ShownValue, WholeText } from "../api/shown.ts";
import type { Redactor } from "./redactor.ts";
import { PlaceholderMark, ShowBudget, showValue } from "./shown-json.ts";

/** Of one value in an answer that has others, too. */
export const SHOWN_CHARS = 16_384;
/** Of one value that is asked for by itself: more than any argument may take. */
const WHOLE_CHARS = 8 * 1_048_576;

/** Stored arguments, or a stored result, as people see them. */
export class StoredValues {
  readonly #redactor: Redactor;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  arguments(text: string, chars = SHOWN_CHARS): ShownValue {
    return this.#shown(text, "arguments", chars, () => argumentsIn(text));
  }

  result(text: string): ShownValue {
    return this.#shown(text, "result", SHOWN_CHARS, () => decodeValue(text));
  }

  wholeArguments(text: string): WholeText {
    return this.#whole(text, "arguments", () => argumentsIn(text));
  }

  wholeResult(text: string): WholeText {
    return this.#whole(text, "result", () => decodeValue(text));
  }

  /** All of the arguments as they may be seen: what a search with redaction looks at. Null when they cannot be read. */
  searched(text: string): ShownJson {
    try {
      return showValue(argumentsIn(text), this.#redactor, ["arguments"], new ShowBudget(WHOLE_CHARS));
    } catch {
      return null;
    }
  }

  #shown(text: string, what: string, chars: number, decode: () => unknown): ShownValue {
    const budget = new ShowBudget(chars);
    let value: ShownJson = null;
    let unreadable = false;
    try {
      value = showValue(decode(), this.#redactor, [what], budget);
    } catch {
      // Looking at a broken job must work: what cannot be read is shown as text.
      unreadable = true;
    }
    const whole = this.#redactor.isOn ? JSON.stringify(value) : text;
    return {
      ...{ chars: text.length, text: whole.slice(0, chars).toWellFormed(), value, unreadable },
      cut: whole.length > chars || budget.chars <= 0,
      redacted: budget.redacted,
      editable: !unreadable && !budget.redacted && budget.editable,
    };
  }

  #whole(text: string, what: string, decode: () => unknown): WholeText {
    if (!this.#redactor.isOn) return { text, redacted: false };
    const budget = new ShowBudget(WHOLE_CHARS);
    try {
      const value = showValue(decode(), this.#redactor, [what], budget);
      return { text: JSON.stringify(value), redacted: budget.redacted };
    } catch {
      return { text: "", redacted: true };
    }
  }
}

function argumentsIn(text: string): unknown[] {
  return decodeArguments(text, (placeholder) => new PlaceholderMark(placeholderName(placeholder)));
}
