import type { JobRecord } from "../../storage/index.ts";
import type { Cursor, Order } from "./list-orders.ts";

/** Which list of a state it is in, and behind which row; no values: from its start. */
export interface Start {
  readonly part: number;
  readonly values: Cursor;
}

export function cursorOf(part: number, order: Order, job: JobRecord): string {
  return JSON.stringify([part, ...order.cursor(job)]);
}

export function startOf(part: number): string {
  return JSON.stringify([part]);
}

/** A cursor comes from outside (a URL): anything else than what `cursorOf` makes reads as the start. */
export function parseCursor(text: string | undefined): Start {
  const start = { part: 0, values: [] };
  if (text === undefined) return start;
  try {
    const given: unknown = JSON.parse(text);
    if (!Array.isArray(given)) return start;
    const [part, ...values]: unknown[] = given;
    const isSound = values.every((value) => typeof value === "string" || Number.isSafeInteger(value));
    return typeof part === "number" && isSound ? { part, values: values.map(toKey) } : start;
  } catch {
    return start;
  }
}

/** Where a list begins; from its start where the cursor holds what this order has no place for. */
export function valuesIn(order: Order, { values }: Start): Cursor {
  const isSound = order.keys.every(([, type], nth) => isOf(type, values[nth]));
  return isSound && values.length === order.keys.length ? values : [];
}

function isOf(type: string, value: unknown): boolean {
  if (type === "text") return typeof value === "string" && !value.includes("\0");
  return typeof value === "number" && (type !== "smallint" || Math.abs(value) <= 32_767);
}

function toKey(value: unknown): string | number {
  return typeof value === "number" ? value : String(value);
}
