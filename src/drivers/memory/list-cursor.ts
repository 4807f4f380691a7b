import type { Place } from "./schema.ts";

/** A place in any order, as text for callers. A queue may hold the separator, so it stands last. */
export function cursorOf({ hold, stateAt, dueAt, rank, seq, queue }: Place): string {
  return [hold ?? "", stateAt, dueAt ?? 0, rank, seq, queue].join(":");
}

/** A cursor comes from outside (a URL): anything else than what `cursorOf` makes reads as the start. */
export function placeOf(cursor: string): Place | undefined {
  const [hold, stateAt, dueAt, rank, seq, ...queue] = cursor.split(":");
  const place: Place = {
    hold: hold === "unknown" || hold === "limit" ? hold : null,
    queue: queue.join(":"),
    name: "",
    rank: Number(rank),
    seq: Number(seq),
    dueAt: Number(dueAt),
    stateAt: Number(stateAt),
  };
  const numbers = [place.rank, place.seq, place.dueAt ?? 0, place.stateAt];
  return queue.length > 0 && numbers.every(Number.isSafeInteger) ? place : undefined;
}
