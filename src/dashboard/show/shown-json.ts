import type { ShownJson } from "../api/shown.ts";
import type { Redactor } from "./redactor.ts";

/** Where a value stands that is known only when the job runs. */
export class PlaceholderMark {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What one walk may bring out, and what it has met. */
export class ShowBudget {
  chars: number;
  redacted = false;
  /** Everything so far can be given back as it is. */
  editable = true;

  constructor(chars: number) {
    this.chars = chars;
  }
}

/** Deeper than people look; the walk must not overflow the stack. */
const DEPTH = 60;
const KEY_CHARS = 1_000;

type Path = readonly (string | number)[];

/** Any value as JSON in the forms of `ShownJson`, redacted and bounded. */
export function showValue(value: unknown, redactor: Redactor, path: Path, budget: ShowBudget): ShownJson {
  return new Walk(redactor, budget).visit(value, path, true);
}

class Walk {
  readonly #redactor: Redactor;
  readonly #budget: ShowBudget;

  constructor(redactor: Redactor, budget: ShowBudget) {
    this.#redactor = redactor;
    this.#budget = budget;
  }

  visit(original: unknown, path: Path, asks: boolean): ShownJson {
    const value = asks ? this.#redactor.of(original, path) : original;
    const isReplaced = !Object.is(value, original);
    if (isReplaced) this.#budget.redacted = true;
    if (isReplaced || path.length > DEPTH) this.#budget.editable = false;
    if (path.length > DEPTH) return { $cut: 1 };
    return this.#show(value, path, asks && !isReplaced);
  }

  #show(value: unknown, path: Path, asks: boolean): ShownJson {
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        this.#budget.chars -= 8;
        return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: numberText(value) };
      case "boolean":
        this.#budget.chars -= 4;
        return value;
      case "bigint":
        return { $bigint: this.#part(String(value)) };
      case "undefined":
        return { $undefined: true };
      case "object":
        return value === null ? null : this.#object(value, path, asks);
      default:
        this.#budget.editable = false;
        return String(typeof value);
    }
  }

  #object(value: object, path: Path, asks: boolean): ShownJson {
    const visit = (child: unknown, key: string | number) => this.visit(child, [...path, key], asks);
    if (Array.isArray(value)) return this.#items(value, visit);
    if (value instanceof PlaceholderMark) return { $placeholder: value.name };
    if (value instanceof Date) return { $date: dateText(value) };
    if (value instanceof URL) return { $url: this.#part(value.href) };
    if (value instanceof RegExp) return { $regexp: [this.#part(value.source), value.flags] };
    if (value instanceof Map) return { $map: this.#entries(value, visit) };
    if (value instanceof Set) return { $set: this.#items([...value], visit) };
    if (ArrayBuffer.isView(value)) return this.#look({ $bytes: [value.constructor.name, value.byteLength] });
    if (value instanceof Error)
      return this.#look({ $error: { type: this.#part(value.name), message: this.#part(value.message) } });
    return this.#members(value, visit);
  }

  #items(items: readonly unknown[], visit: (child: unknown, key: number) => ShownJson): ShownJson {
    const shown: ShownJson[] = [];
    for (const [at, item] of items.entries()) {
      if (this.#isSpent()) {
        shown.push({ $cut: items.length - at });
        break;
      }
      this.#budget.chars -= 1;
      shown.push(visit(item, at));
    }
    return shown;
  }

  #entries(
    map: Map<unknown, unknown>,
    visit: (child: unknown, key: string | number) => ShownJson,
  ): ShownJson {
    const keys = [...map.keys()];
    return this.#items(keys, (key, at) => [visit(key, at), visit(map.get(key), String(key))]);
  }

  /** Members are defined, so that a key such as __proto__ is a member like any other. */
  #members(value: object, visit: (child: unknown, key: string) => ShownJson): ShownJson {
    const shown: { [key: string]: ShownJson } = {};
    const entries = Object.entries(value);
    for (const [at, [key, child]] of entries.entries()) {
      if (this.#isSpent()) {
        define(shown, "$cut", entries.length - at);
        break;
      }
      this.#budget.chars -= key.length + 4;
      // No call may carry it: what is stored so was stored by something else.
      if (key === "__proto__" || key.length > KEY_CHARS) this.#budget.editable = false;
      define(shown, key.slice(0, KEY_CHARS), visit(child, key));
    }
    const [only, ...others] = Object.keys(shown);
    const isTag = others.length === 0 && only?.startsWith("$") === true && entries.length === 1;
    return isTag ? { $object: shown } : shown;
  }

  #text(text: string): ShownJson {
    const part = this.#part(text);
    return part.length === text.length ? part : `${part}… (${text.length - part.length} more characters)`;
  }

  #part(text: string): string {
    const room = Math.max(this.#budget.chars, 20);
    this.#budget.chars -= Math.min(text.length, room) + 2;
    if (text.length <= room) return text;
    this.#budget.editable = false;
    return text.slice(0, room).toWellFormed();
  }

  #look(shown: ShownJson): ShownJson {
    this.#budget.editable = false;
    return shown;
  }

  #isSpent(): boolean {
    if (this.#budget.chars > 0) return false;
    this.#budget.editable = false;
    return true;
  }
}

function define(object: object, key: string, value: ShownJson): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? "Invalid Date" : date.toISOString();
}
