import { FirelaterError } from "../../base/error.ts";
import { type Placeholder, placeholderOf } from "../placeholder.ts";
import { ownOfError, type RichKind, richKind } from "./rich-value.ts";
import { isRootPrototype } from "./root-prototype.ts";
import {
  A_FUNCTION,
  A_SYMBOL,
  describeUnstorable,
  type Refusal,
  type Step,
  type Subject,
  tooLarge,
  unstorable,
} from "./unstorable.ts";

/** Deeper data is nearly always a mistake, and recursion of JSON engines is bounded by the stack. */
export const DEEPEST = 200;

/** A placeholder and where it stands: only indices and keys, since it may not stand inside a Map, Set or Error. */
export interface PlacedPlaceholder {
  readonly path: readonly (number | string)[];
  readonly placeholder: Placeholder;
}

// `Object.getOwnPropertyDescriptor` tells the same at 3 to 4 times the cost for the elements of an array.
const lookupGetter: (this: object, key: PropertyKey) => unknown = Reflect.get(
  Object.prototype,
  "__lookupGetter__",
);

/**
 * The one walk over what is to be stored. It refuses what would not come back equal, finds out whether plain JSON is
 * enough, collects placeholders, and stops at the size limit before anything is written. It never runs a getter.
 */
export class StorableWalk {
  /** Whether something is inside that JSON alone would change. */
  rich = false;
  readonly placeholders: PlacedPlaceholder[] = [];
  readonly #subject: Subject;
  readonly #limit: number;
  /** No fewer bytes than this will be written. */
  #bytes = 0;
  readonly #path: Step[] = [];
  readonly #ancestors: object[] = [];
  /** Above 0 inside values whose parts have no index or key. */
  #unaddressable = 0;

  constructor(subject: Subject, limit: number) {
    this.#subject = subject;
    this.#limit = limit;
  }

  /** Looks at all of it, once. */
  visitAll(values: readonly unknown[]): void {
    try {
      for (let index = 0; index < values.length; index++) this.visit(values[index], index);
    } catch (error) {
      // A proxy may do anything when it is looked at; the path still stands where it did.
      if (error instanceof FirelaterError) throw error;
      throw this.#refuse({ is: "cannot be read", mend: "Pass plain data." }, undefined, error);
    }
  }

  /** Looks at one value and at everything in it. `step` is its place in what holds it. */
  visit(value: unknown, step: Step): void {
    if (typeof value === "string") this.#count(value.length + 3);
    else if (typeof value === "number") this.#visitNumber(value);
    else if (typeof value === "boolean" || value === null) this.#count(5);
    else if (typeof value === "object") this.#visitObject(value, step);
    else if (typeof value === "function") throw this.#refuse(A_FUNCTION, step);
    else if (typeof value === "symbol") throw this.#refuse(A_SYMBOL, step);
    else this.#visitScalar(2); // undefined and bigint
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limit) throw tooLarge(this.#subject, `at least ${this.#bytes}`, this.#limit);
  }

  #visitNumber(value: number): void {
    if (Number.isFinite(value) && !Object.is(value, -0)) this.#count(2);
    else this.#visitScalar(5);
  }

  /** What has no parts, and no form of its own in JSON. */
  #visitScalar(bytes: number): void {
    this.rich = true;
    this.#count(bytes);
  }

  #visitObject(value: object, step: Step): void {
    const placeholder = placeholderOf(value);
    if (placeholder !== undefined) this.#place(placeholder, step);
    else if (this.#path.length === DEEPEST) throw this.#refuse(TOO_DEEP, step);
    else if (this.#ancestors.includes(value)) throw this.#refuse(A_CYCLE, step);
    else this.#enter(value, step);
  }

  #place(placeholder: Placeholder, step: Step): void {
    if (this.#unaddressable > 0) throw this.#refuse(OUT_OF_REACH, step);
    this.#count(5);
    const path = [...this.#path, step].filter((part) => typeof part !== "object");
    this.placeholders.push({ path, placeholder });
  }

  #enter(value: object, step: Step): void {
    this.#path.push(step);
    this.#ancestors.push(value);
    this.#count(2);
    const prototype: object | null = Object.getPrototypeOf(value);
    if (Array.isArray(value)) this.#visitArray(value, prototype);
    else if (prototype === null || isRootPrototype(prototype)) this.#visitPlain(value, prototype);
    else this.#visitRich(value, richKind(prototype));
    this.#ancestors.pop();
    this.#path.pop();
  }

  #visitArray(array: readonly unknown[], prototype: object | null): void {
    // Told by being an array itself: another realm's Array.prototype is one too, that of a subclass is not.
    if (!Array.isArray(prototype))
      throw this.#refuse({ is: "is an array of a class", mend: "Pass [...array]." });
    this.#refuseHidden(array);
    const keys = Object.keys(array).length;
    if (keys < array.length)
      throw this.#refuse({ is: "has holes", mend: "Fill them with null or undefined." });
    if (keys > array.length)
      throw this.#refuse({ is: "is an array with further properties", mend: "Pass [...array]." });
    for (let index = 0; index < array.length; index++) {
      if (lookupGetter.call(array, index) !== undefined) throw this.#refuse(A_GETTER, index);
      this.visit(array[index], index);
    }
  }

  #visitPlain(object: object, prototype: object | null): void {
    if (prototype === null) this.rich = true;
    this.#refuseHidden(object);
    for (const key of Object.keys(object)) {
      if (key === "__proto__") throw this.#refuse(A_PROTOTYPE_KEY, key);
      if (lookupGetter.call(object, key) !== undefined) throw this.#refuse(A_GETTER, key);
      this.#count(key.length + 3);
      this.visit(Reflect.get(object, key), key);
    }
  }

  /** What neither a list of keys nor a comparison shows, and JSON would lose or obey. */
  #refuseHidden(object: object): void {
    if (Object.getOwnPropertySymbols(object).length > 0) throw this.#refuse(A_SYMBOL_KEY);
    if ("toJSON" in object && !isData(object, "toJSON")) {
      throw this.#refuse({ is: "has a toJSON of its own", mend: "Pass what toJSON gives." });
    }
  }

  #visitRich(value: object, kind: RichKind | undefined): void {
    // The refusal tells of the promise; that it fails later must not end the process as an unhandled rejection.
    if (value instanceof Promise) value.catch(() => {});
    if (kind === undefined) throw this.#refuse(describeUnstorable(value));
    this.rich = true;
    if (kind === "error" && value instanceof Error) this.#visitError(value);
    else if (kind === "bytes" && ArrayBuffer.isView(value)) this.#count((value.byteLength * 4) / 3);
    else this.#visitBuiltIn(value, kind);
  }

  #visitBuiltIn(value: object, kind: RichKind): void {
    const own = Reflect.ownKeys(value).length - (kind === "regexp" ? 1 : 0); // a RegExp owns its lastIndex
    if (own > 0) throw this.#refuse({ is: `is a ${kind} with further properties`, mend: "Pass them apart." });
    const problem = builtInProblem(value);
    if (problem !== undefined) throw this.#refuse(problem);
    if (value instanceof Map) this.#visitMap(value);
    else if (value instanceof Set) this.#visitSet(value);
    else this.#count(10);
  }

  #visitMap(map: ReadonlyMap<unknown, unknown>): void {
    this.#unaddressable++;
    let index = 0;
    for (const [key, value] of map) {
      this.visit(key, { text: `.keys()[${index}]` });
      this.visit(value, { text: `.values()[${index}]` });
      index++;
    }
    this.#unaddressable--;
  }

  #visitSet(set: ReadonlySet<unknown>): void {
    this.#unaddressable++;
    let index = 0;
    for (const value of set) this.visit(value, { text: `.values()[${index++}]` });
    this.#unaddressable--;
  }

  #visitError(error: Error): void {
    if (Object.getOwnPropertySymbols(error).length > 0) throw this.#refuse(A_SYMBOL_KEY);
    this.#unaddressable++;
    if (typeof error.stack === "string") this.#count(error.stack.length);
    for (const [key, descriptor] of ownOfError(error)) {
      if (key === "__proto__") throw this.#refuse(A_PROTOTYPE_KEY, key);
      if (!("value" in descriptor)) throw this.#refuse(A_GETTER, key);
      this.#count(key.length + 3);
      this.visit(descriptor.value, key);
    }
    this.#unaddressable--;
  }

  #refuse(refusal: Refusal, step?: Step, cause?: unknown): Error {
    return unstorable(this.#subject, step === undefined ? this.#path : [...this.#path, step], refusal, cause);
  }
}

const A_GETTER: Refusal = { is: "is a getter, which is never run", mend: "Pass the value that it gives." };
const A_CYCLE: Refusal = { is: "contains itself", mend: "Pass an id instead of the reference back." };
const TOO_DEEP: Refusal = {
  is: `is nested deeper than ${DEEPEST} levels`,
  mend: "Pass flatter data, or a file's name.",
};
const A_SYMBOL_KEY: Refusal = { is: "has a symbol as a key", mend: "Use a string as the key." };
const A_PROTOTYPE_KEY: Refusal = { is: "would replace a prototype", mend: "Rename that key." };
const OUT_OF_REACH: Refusal = {
  is: "is a placeholder inside a Map, Set or Error",
  mend: "Pass it as an argument, or inside a plain object or array.",
};

function isData(object: object, key: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(object, key);
  return descriptor !== undefined && "value" in descriptor && typeof descriptor.value !== "function";
}

function builtInProblem(value: object): Refusal | undefined {
  if (value instanceof Date && Number.isNaN(value.getTime()))
    return { is: "is an invalid Date", mend: "Check what it was made of." };
  if (value instanceof RegExp && value.lastIndex !== 0) {
    return { is: "is a RegExp in the middle of its work", mend: "Set its lastIndex to 0." };
  }
  if (value instanceof URL && !comesBack(value))
    return { is: "is a URL that does not parse to itself", mend: "Pass its href." };
  return undefined;
}

function comesBack(url: URL): boolean {
  return URL.canParse(url.href) && new URL(url.href).href === url.href;
}
