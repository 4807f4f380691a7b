import { type Context, Hono } from "hono";
import { refuseUnpermitted } from "../access/gate.ts";
import { refuseOtherOrigins } from "../access/same-origin.ts";
import type { Viewer } from "../access/viewer.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { problemPage } from "../page/problem-page.ts";
import { servePage } from "../page/serve-page.ts";
import { allRoutes } from "../routes/all-routes.ts";
import { events } from "../routes/events-route.ts";
import type { Place } from "./base-path.ts";
import { Deadline } from "./deadline.ts";
import { jsonAnswer, refusal } from "./json-answer.ts";
import { invalid, notFound, Problem, problemOf, type Tell } from "./problem.ts";
import { readBody } from "./read-body.ts";
import { Ask, type RouteSpec, tellTo } from "./route.ts";
import { secure } from "./security-headers.ts";

/** What stands for one request beside itself: who asks, and where it is below the base path. */
export interface RequestBindings {
  readonly viewer: Viewer;
  readonly place: Place;
}

interface Env {
  readonly Bindings: RequestBindings;
}

/** A path and parameters of any honest request fit. */
const MOST_URL_CHARS = 8_000;

/** The routes of the dashboard, for requests that have been let in. */
export function createApp(parts: DashboardParts, trustProxy: boolean): Hono<Env> {
  const app = new Hono<Env>({ getPath: (_, options) => options?.env?.place.path ?? "/" });
  app.use(async ({ req }, next) => {
    if (req.url.length > MOST_URL_CHARS) throw invalid("The address is too long.", "Ask for less at once.");
    refuseOtherOrigins(req.raw, trustProxy);
    await next();
  });
  app.get("/api/events", async (context) => secured(await events(parts, await askOf(context, "view"))));
  for (const spec of allRoutes(parts)) {
    app.on(spec.method, `/api/${spec.path}`, async (context) => answer(spec, context));
  }
  app.all("/api/*", () => {
    throw notFound("There is no such route.", "The routes are in the type Routes of firelater/dashboard.");
  });
  app.get("*", async ({ req, env }) => {
    refuseUnpermitted(env.viewer, "view");
    const page = await servePage(req.raw, env.place);
    if (page === null)
      throw notFound("There is no such file: another version of the dashboard may have been built.");
    return page;
  });
  app.notFound(() => {
    throw new Problem(405, {
      code: "FL_DASHBOARD_NOT_FOUND",
      what: "There is nothing to be done here.",
      mend: "The API is below api/.",
    });
  });
  app.onError((error, { req, env }) =>
    tellProblem(error, parts, req.raw, env.place, tellTo(env.viewer, parts.redactor)),
  );
  return app;
}

/** The answer to a request that has failed: JSON for programs, a page for people. */
export function tellProblem(
  error: unknown,
  { logger }: Pick<DashboardParts, "logger">,
  request: Request,
  place: Place,
  tell: Tell = () => null,
): Response {
  const { status, body } = problemOf(error, tell);
  // A problem is the request's own: it is told, and nothing is broken here.
  if (status >= 500 && !(error instanceof Problem))
    logger.error(`the dashboard could not answer ${request.method} ${place.path}`, error);
  const isPage =
    !place.path.startsWith("/api") && request.headers.get("accept")?.includes("text/html") === true;
  return isPage ? problemPage(status, body) : refusal(body, status);
}

async function answer(spec: RouteSpec, context: Context<Env>): Promise<Response> {
  const { body, ...keeping } = await spec.handle(await askOf(context, spec.needs));
  return jsonAnswer(context.req.raw, body, keeping);
}

/** Permissions come before the body: whoever may not act makes nobody read. */
async function askOf({ req, env }: Context<Env>, needs: RouteSpec["needs"]): Promise<Ask> {
  const { viewer } = env;
  refuseUnpermitted(viewer, "view");
  refuseUnpermitted(viewer, needs);
  const deadline = new Deadline();
  const body = req.method === "POST" ? await readBody(req.raw) : new Map<string, unknown>();
  return new Ask({ viewer, deadline, params: req.param(), query: queryOf(req.raw), body, request: req.raw });
}

/** A parameter that is given twice could be read in two ways. */
function queryOf({ url }: Request): ReadonlyMap<string, unknown> {
  const query = new Map<string, unknown>();
  for (const [name, value] of new URL(url).searchParams) {
    if (query.has(name)) throw invalid(`The parameter ${name.slice(0, 60)} is given twice.`, "Give it once.");
    if (value !== "") query.set(name, value);
  }
  return query;
}

function secured(response: Response): Response {
  secure(response.headers);
  return response;
}
