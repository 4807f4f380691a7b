import type { Entry, Place } from "./contender.ts";
import { openPostgresPlace } from "./postgres-place.ts";
import { openRedisPlace } from "./redis-place.ts";
import { openSqlitePlace } from "./sqlite-place.ts";

export function openPlace({ engine, durability }: Entry): Promise<Place> {
  if (engine === "postgres") return openPostgresPlace();
  if (engine === "redis") return openRedisPlace(durability ?? "no AOF");
  return openSqlitePlace();
}
