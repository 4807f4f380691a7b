import { newId, parseId } from "../../base/ids.ts";
import { isRecord } from "../../job/options.ts";
import type { DocumentRecord } from "../../storage/index.ts";
import type { ActionResult } from "../api/envelope.ts";
import type { SavedView, SavedViews, SaveViewBody } from "../api/views.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { conflict, invalid, notFound } from "../http/problem.ts";
import { text } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";

const KIND = "view";
const MOST = 200;

export function viewRoutes(parts: DashboardParts): RouteSpec[] {
  return [
    route("GET views", "view", (ask) => list(parts, ask)),
    route("POST views", "save-view", (ask) => save(parts, ask)),
    route("POST views/:id/remove", "save-view", (ask) => remove(parts, ask)),
  ];
}

async function list({ storage }: DashboardParts, ask: Ask): Promise<SavedViews> {
  const at = await ask.deadline.need(storage.now());
  const found = await ask.deadline.need(storage.admin.listDocuments({ kind: KIND, limit: MOST }));
  const rows = found.flatMap(toView).filter(({ link }) => ask.may("view-data") || !looksIntoData(link));
  return { at, rows, incomplete: null };
}

/** What somebody has looked for in data is data, and would be refused to whoever may not see it. */
function looksIntoData(link: string): boolean {
  const query = new URLSearchParams(link.split("?")[1] ?? "");
  return ["args", "path", "error", "tag"].some((name) => query.has(name));
}

async function save({ storage, audit }: DashboardParts, ask: Ask): Promise<SavedView> {
  const { name, link } = ask.body<SaveViewBody>({ name: text(100), link: text(1_000) });
  if (!isBelow(link))
    throw invalid(
      "The link is none of the dashboard's pages.",
      "Give the page and its parameters, such as jobs?state=Failed.",
    );
  const { admin } = storage;
  if ((await admin.listDocuments({ kind: KIND, limit: MOST })).length >= MOST)
    throw conflict(`There are ${MOST} saved views: remove one first.`);
  const at = await storage.now();
  const id = newId(at);
  const by = ask.viewer.name;
  return audit.around(
    { by, action: "view.save", subject: id, details: { name, link } },
    async () => {
      await admin.saveDocuments([
        { kind: KIND, id, version: 0, text: JSON.stringify({ v: 1, name, link, by }) },
      ]);
      return { id, name, link, by, at };
    },
    () => ({ outcome: "applied" }),
  );
}

const BASE = "https://dashboard.invalid/base/";

/** Below the dashboard, and nowhere else: whoever opens a shared view must not be led away, by no spelling of `..` either. */
function isBelow(link: string): boolean {
  if (!/^[a-z]+(\/[^/\\:]*)*(\?[^\\]*)?$/.test(link) || /\p{Cc}/u.test(link)) return false;
  return URL.parse(link, BASE)?.href.startsWith(BASE) === true;
}

async function remove({ storage, audit }: DashboardParts, ask: Ask): Promise<ActionResult> {
  ask.body({});
  const id = parseId(ask.param("id"));
  const found = id === undefined ? null : await storage.admin.getDocument(KIND, id);
  if (found === null) throw notFound("There is no such view, or no longer.");
  return audit.around(
    { by: ask.viewer.name, action: "view.remove", subject: found.id },
    async () => {
      const [outcome] = await storage.admin.saveDocuments([{ ...found, text: null }]);
      return { applied: outcome === "applied", note: null };
    },
    ({ applied }) => ({ outcome: applied ? "applied" : "refused" }),
  );
}

/** Nothing of what this version cannot read. */
function toView({ id, at, text: stored }: DocumentRecord): SavedView[] {
  try {
    const found: unknown = JSON.parse(stored);
    if (!isRecord(found) || typeof found.name !== "string" || typeof found.link !== "string") return [];
    return [
      { id, at, name: found.name, link: found.link, by: typeof found.by === "string" ? found.by : null },
    ];
  } catch {
    return [];
  }
}
