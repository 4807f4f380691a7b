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

const START: Start = { part: 0, values: [] };

/** A cursor comes from outside (a URL): anything else than what `cursorOf` makes for these lists reads as the start. */
export function parseCursor(text: string | undefined, orders: readonly Order[]): Start {
  if (text === undefined) return START;
  try {
    const given: unknown = JSON.parse(text);
    if (!Array.isArray(given)) return START;
    const [part, ...values]: unknown[] = given;
    const order = typeof part === "number" ? orders[part] : undefined;
    if (typeof part !== "number" || order === undefined) return START;
    if (values.length === 0) return { part, values: [] };
    const isSound =
      values.length === order.keys.length && order.keys.every(([, type], nth) => isKey(type, values[nth]));
    return isSound ? { part, values: values.map(toKey) } : START;
  } catch {
    return START;
  }
}

/** What the engine would take for a value of this type. */
function isKey(type: string, value: unknown): boolean {
  if (type === "text") return typeof value === "string" && !value.includes("\u0000");
  const most = type === "smallint" ? 32_767 : Number.MAX_SAFE_INTEGER;
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= most;
}

function toKey(value: unknown): string | number {
  return typeof value === "number" ? value : String(value);
}
