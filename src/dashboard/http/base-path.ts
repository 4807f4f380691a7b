import { preview } from "../../base/error.ts";
import { InvalidOptionsError } from "../../job/options.ts";

/** Where a request stands below the dashboard, and under which path the browser knows the dashboard. */
export interface Place {
  /** Without the base path, with a slash before it: `/api/meta`. */
  readonly path: string;
  /** With a slash at its end: `/admin/jobs/`. */
  readonly base: string;
}

export interface BaseSources {
  /** The option `basePath`: what the browser sees, whatever adapters say. */
  readonly option: string | undefined;
  /** Where an adapter has mounted the dashboard. */
  readonly mounted: string | undefined;
  /** What a trusted proxy has cut off before it passed the request on. */
  readonly forwarded: string | undefined;
}

/** Segments of unreserved characters: it is written into a page. */
const PATH = /^(\/[A-Za-z0-9._~-]+)*$/;

/** `/admin/jobs` of `admin/jobs/`; throws for what cannot be a path. */
export function checkBasePath(value: unknown): string {
  const path = typeof value === "string" ? normalize(value) : undefined;
  if (path !== undefined && isPath(path)) return path;
  throw new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} as basePath of the dashboard.`,
    mend: 'What fits: a path such as "/admin/jobs", of letters, digits and . _ ~ -.',
  });
}

/**
 * One base path out of what is known: the option, else the adapter's behind what a proxy cut off. It is cut off the
 * request's path where that begins with it; else the adapter's is, and else nothing, because somebody has done so already.
 */
export function placeOf(pathname: string, { option, mounted, forwarded }: BaseSources): Place {
  const mount = mounted === undefined ? "" : normalize(mounted);
  const prefix = forwarded === undefined ? "" : normalize(forwarded);
  const isWhole = prefix === "" || !isPath(prefix) || startsWith(mount, prefix);
  const base = option ?? (isWhole ? mount : `${prefix}${mount}`);
  const cut = [base, mount].find((candidate) => startsWith(pathname, candidate)) ?? "";
  const path = pathname.slice(cut.length).replace(/\/+$/, "");
  return { path: path.startsWith("/") ? path : `/${path}`, base: isPath(base) ? `${base}/` : "/" };
}

function normalize(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}

/** Dots alone would lead elsewhere. */
function isPath(path: string): boolean {
  return PATH.test(path) && !path.split("/").some((segment) => segment === "." || segment === "..");
}

/** Whole segments: `/jobs` does not begin `/jobs2`. */
function startsWith(path: string, prefix: string): boolean {
  return prefix !== "" && (path === prefix || path.startsWith(`${prefix}/`));
}
