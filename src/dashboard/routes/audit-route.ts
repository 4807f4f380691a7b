import type { AuditPage, AuditQuery } from "../api/audit.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { integer, optional, text, withDefault } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { toAuditRow } from "../show/audit-row.ts";
import { cursor } from "./jobs-routes.ts";

export function auditRoute(parts: DashboardParts): RouteSpec {
  return route("GET audit", "view", (ask) => list(parts, ask));
}

async function list({ audit, storage, redactor }: DashboardParts, ask: Ask): Promise<AuditPage> {
  const query = ask.query<AuditQuery & { readonly limit: number }>({
    by: optional(text(200)),
    action: optional(text(100)),
    subject: optional(text(200)),
    after: cursor,
    limit: withDefault(integer(1, 200), 50),
  });
  const at = await ask.deadline.need(storage.now());
  const { rows, next, isWhole } = await ask.deadline.need(audit.search(query, () => ask.deadline.isOver));
  const shown = rows.map((row) => toAuditRow(row, ask.rows(redactor)));
  return { at, rows: shown, next, incomplete: isWhole ? null : ask.deadline.isOver ? "time" : "scan" };
}
