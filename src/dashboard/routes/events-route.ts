import { parseId } from "../../base/ids.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { optional, refuse, text } from "../http/readers.ts";
import type { Ask } from "../http/route.ts";

const MOST_WATCHED = 10;

/** Server-sent events; the headers keep proxies from holding them back. */
export async function events({ streams, monitor }: DashboardParts, ask: Ask): Promise<Response> {
  const { jobs = "" } = ask.query<{ readonly jobs?: string }>({ jobs: optional(text(500)) });
  const ids = jobs.split(",").filter((id) => id !== "");
  const watched = ids.map((id) => parseId(id) ?? fail(id));
  if (watched.length > MOST_WATCHED) throw refuse(jobs, "the parameter jobs", `${MOST_WATCHED} ids at most.`);
  const { snapshot } = await ask.deadline.need(monitor.look());
  // Whoever asks for the headers alone reads no stream, and would not end one either.
  const isRead = ask.request.method !== "HEAD";
  const body = isRead ? streams.open(new Set(watched), ask.may("view-data"), snapshot) : null;
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

function fail(id: string): never {
  throw refuse(id, "the parameter jobs", "ids of jobs, joined by commas.");
}
