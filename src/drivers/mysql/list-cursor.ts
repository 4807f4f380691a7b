import { bytes } from "./id.ts";
import type { Listing } from "./list-orders.ts";
import { text } from "./row.ts";
import type { Row, SqlValue } from "./statements.ts";

const POSITION: Readonly<Record<string, number>> = {
  id: 0,
  queue: 1,
  job_rank: 2,
  seq: 3,
  state_at: 5,
  hold: 7,
  due_at: 9,
};

/** Where a row stands in its list. */
export function placeOf(listing: Listing, row: Row): string {
  return textOf(
    keysIn(
      listing,
      listing.keys.map((key) => row[POSITION[key] ?? 0]),
    ),
  );
}

/** The keys of a place as they were read: somebody else's pool may give numbers as texts. */
export function keysIn({ keys }: Listing, values: Row): SqlValue[] {
  return keys.map((key, nth) => {
    const value = values[nth];
    if (key === "id") return bytes(value);
    return key === "queue" ? text(value) : Number(value);
  });
}

export function textOf(place: readonly SqlValue[]): string {
  return JSON.stringify(place.map((value) => (Buffer.isBuffer(value) ? value.toString("hex") : value)));
}

/** A cursor comes from outside (a URL): anything else than what `placeOf` makes reads as the start. */
export function parseCursor(given: string, { keys }: Listing): SqlValue[] | undefined {
  try {
    const values: unknown = JSON.parse(given);
    if (!Array.isArray(values) || values.length !== keys.length) return undefined;
    return keys.map((key, nth) => toKey(key, values[nth]));
  } catch {
    return undefined;
  }
}

function toKey(key: string, value: unknown): SqlValue {
  if (key === "id" && typeof value === "string" && /^[0-9a-f]{32}$/.test(value))
    return Buffer.from(value, "hex");
  if (key === "queue" && typeof value === "string") return value;
  if (key !== "id" && key !== "queue" && typeof value === "number" && Number.isSafeInteger(value))
    return value;
  throw new TypeError("no place of a list");
}
