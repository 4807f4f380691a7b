import { isParentSlot, type Placeholder } from "../placeholder.ts";
import type { PlacedPlaceholder } from "./storable-walk.ts";

type Key = number | string;

/** A place in decoded values that a placeholder fills. */
export interface PlaceholderSlot {
  readonly holder: object;
  readonly key: Key;
  readonly placeholder: Placeholder;
}

const JOB_KINDS = ["id", "attempt", "signal", "dueAt"] as const;
const PARENT_KINDS = ["result", "resultIfAny", "state", "error"] as const;

/** The side list of placeholders as it is stored; the form is described in codec.ts. */
export function storedFill(placed: readonly PlacedPlaceholder[]): readonly unknown[] {
  return placed.map(({ path, placeholder }) =>
    isParentSlot(placeholder) ? [path, placeholder.kind, placeholder.parent] : [path, placeholder.kind],
  );
}

/** The places that a stored side list names in these values; throws when it names a place that they do not have. */
export function placeholderSlots(values: unknown[], fill: unknown): PlaceholderSlot[] {
  if (fill === undefined) return [];
  if (!Array.isArray(fill)) throw new TypeError("its placeholders are no list");
  return fill.map(([path, kind, parent]) => ({ ...locate(values, path), placeholder: parse(kind, parent) }));
}

/** The same values with null where a placeholder stands. Only what holds one is copied. */
export function withoutPlaceholders(
  values: readonly unknown[],
  placed: readonly PlacedPlaceholder[],
): unknown[] {
  const root = [...values];
  const copies = new Set<unknown>([root]);
  for (const { path } of placed) {
    let holder: object = root;
    for (const key of path.slice(0, -1)) holder = copiedChild(holder, key, copies);
    Reflect.set(holder, path.at(-1) ?? 0, null);
  }
  return root;
}

function copiedChild(holder: object, key: Key, copies: Set<unknown>): object {
  const child: object = Reflect.get(holder, key);
  if (copies.has(child)) return child;
  const copy = Array.isArray(child)
    ? [...child]
    : Object.assign(Object.create(Object.getPrototypeOf(child)), child);
  copies.add(copy);
  Reflect.set(holder, key, copy);
  return copy;
}

function locate(values: unknown[], path: unknown): { holder: object; key: Key } {
  if (!Array.isArray(path) || path.length === 0) throw new TypeError("a placeholder has no path");
  let holder: unknown = values;
  for (const key of path.slice(0, -1)) holder = Reflect.get(holderOf(holder, key), key);
  const key = path.at(-1);
  return { holder: holderOf(holder, key), key };
}

/** Own properties only: a path must never lead to a prototype. */
function holderOf(value: unknown, key: unknown): object {
  const isKey = typeof key === "string" || typeof key === "number";
  if (typeof value === "object" && value !== null && isKey && Object.hasOwn(value, key)) return value;
  throw new TypeError("a placeholder stands where nothing is");
}

function parse(kind: unknown, parent: unknown): Placeholder {
  const jobKind = JOB_KINDS.find((known) => known === kind);
  if (jobKind !== undefined) return { kind: jobKind };
  const parentKind = PARENT_KINDS.find((known) => known === kind);
  if (parentKind !== undefined && typeof parent === "number" && Number.isInteger(parent) && parent >= 0)
    return { kind: parentKind, parent };
  throw new TypeError("a placeholder is of an unknown kind");
}
