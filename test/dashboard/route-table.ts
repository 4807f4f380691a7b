import { MemoryStorage } from "firelater/memory";
import { makeParts } from "../../src/dashboard/dashboard-parts.ts";
import type { RouteSpec } from "../../src/dashboard/http/route.ts";
import { allRoutes } from "../../src/dashboard/routes/all-routes.ts";

/** Every route of the API as the code has it, but for `GET events`, which answers no JSON. */
export function routeTable(): RouteSpec[] {
  return allRoutes(makeParts({ storage: new MemoryStorage() }));
}

export function keyOf({ method, path }: RouteSpec): string {
  return `${method} ${path}`;
}
