import { Problem } from "../http/problem.ts";

const SAFE = new Set(["GET", "HEAD"]);

/**
 * Refuses a change that another site may have made a browser send. Browsers say where a request comes from; one that does
 * not say is no browser, and says it by hand. Of the rest it refuses what a page of another site asks for behind people's
 * backs: it could not read the answer, and could measure how long a search takes. A link that somebody follows is none.
 */
export function refuseOtherOrigins(request: Request, trustProxy: boolean): void {
  if (SAFE.has(request.method) ? !isBehindBacks(request) : isSameOrigin(request, trustProxy)) return;
  throw new Problem(403, {
    code: "FL_DASHBOARD_OTHER_ORIGIN",
    what: "The request does not come from the dashboard's own page.",
    mend: "Open the dashboard and act there; a program sends the header Sec-Fetch-Site: same-origin.",
  });
}

function isBehindBacks({ headers }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== "cross-site" && site !== "same-site") return false;
  return headers.get("sec-fetch-mode") !== "navigate" || headers.get("sec-fetch-dest") !== "document";
}

function isSameOrigin({ headers, url }: Request, trustProxy: boolean): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = URL.parse(headers.get("origin") ?? "");
  if (origin === null) return false;
  const forwarded = trustProxy ? headers.get("x-forwarded-host") : null;
  const host = forwarded ?? headers.get("host") ?? URL.parse(url)?.host;
  return origin.host === host?.toLowerCase();
}
