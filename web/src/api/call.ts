import type { ApiError, Routes } from "../../../src/dashboard/api/index.ts";

export type RouteName = keyof Routes;
export type Answer<R extends RouteName> = Routes[R]["answer"];

export interface Asked<R extends RouteName> {
  /** Values for the segments with a colon. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Routes[R]["query"];
  readonly body?: Routes[R]["body"];
  readonly signal?: AbortSignal;
}

/** What the API, or the way to it, had to say instead of an answer. */
export class CallError extends Error {
  readonly status: number;
  readonly code: string;
  readonly mend: string | null;

  constructor(status: number, { code, message, mend }: ApiError) {
    super(message);
    this.name = "CallError";
    this.status = status;
    this.code = code;
    this.mend = mend;
  }
}

/** `<base href>` is the one place that says under which path the dashboard is served. */
export const API_ROOT: string = new URL("api/", document.baseURI).href;

/** Asks one route. Rejects with `CallError`, or with an AbortError when nobody wants the answer any more. */
export async function call<R extends RouteName>(route: R, asked: Asked<R> = {}): Promise<Answer<R>> {
  const [method = "GET", path = ""] = route.split(" ");
  const response = await send(urlOf(path, asked.params, asked.query), {
    method,
    ...(method === "GET" ? {} : { body: JSON.stringify(asked.body ?? {}) }),
    headers: method === "GET" ? { accept: "application/json" } : { "content-type": "application/json" },
    ...(asked.signal === undefined ? {} : { signal: asked.signal }),
  });
  if (response.type === "opaqueredirect") throw signedOut();
  const text = await response.text();
  if (!response.ok) throw new CallError(response.status, errorOf(response, text));
  try {
    // The one place where what came over the wire is taken for what the contract says.
    const answer: Answer<R> = JSON.parse(text);
    return answer;
  } catch {
    throw new CallError(response.status, errorOf(response, text));
  }
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    // A redirect is a way to a page, such as one to sign in: nothing that the API would say.
    return await fetch(url, { ...init, credentials: "same-origin", redirect: "manual" });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new CallError(0, {
      code: "UNREACHABLE",
      message: "The process that serves this dashboard does not answer.",
      mend: "It may be restarting: the page keeps trying by itself.",
    });
  }
}

function signedOut(): CallError {
  return new CallError(401, {
    code: "SIGNED_OUT",
    message: "The dashboard sends you elsewhere: you are not signed in any more.",
    mend: "Reload the page, and sign in again.",
  });
}

function urlOf(path: string, params: Readonly<Record<string, string>> = {}, query: object = {}): URL {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const url = new URL(filled, API_ROOT);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
  }
  return url;
}

function errorOf(response: Response, text: string): ApiError {
  const told = readError(text);
  if (told !== undefined) return told;
  return {
    code: `HTTP_${response.status}`,
    message: response.ok
      ? "Something between this page and the dashboard has answered in its place."
      : `The answer was ${response.status} ${response.statusText}, without a reason.`,
    mend:
      response.ok || response.status === 401 || response.status === 403
        ? "Sign in again, then reload the page."
        : null,
  };
}

/** Undefined when it is no answer of the API: a proxy's page, or half of one. */
function readError(text: string): ApiError | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isApiError(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function isApiError(body: unknown): body is ApiError {
  return typeof body === "object" && body !== null && "code" in body && "message" in body;
}
