import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { secure } from "./security-headers.ts";

const compress = promisify(gzip);
/** What fits into one packet gains nothing. */
const LEAST_CHARS = 1_400;
/** Quick rather than smallest: the threads that compress are the application's, too. */
const LEVEL = 4;
/** When it was read, and what reading it took: what is asked again and again differs in nothing else, mostly. */
const TIMES = new Set(["at", "now", "appNow", "tookMs"]);

/** How an answer may be kept by the browser that has asked. */
export interface Keeping {
  /** It holds nothing of what jobs work with: a browser may keep it, and asks whether it still holds. */
  readonly kept: boolean;
  /** What of it is news; left out, all but the times of its reading. */
  readonly news?: string | undefined;
}

/** A refusal: for this one moment, so nothing of it is kept. */
export function refusal(body: object, status: number): Response {
  const headers = new Headers({ "content-type": "application/json; charset=utf-8" });
  secure(headers);
  return new Response(JSON.stringify(body), { status, headers });
}

/** An answer, compressed where that pays; 304 for whoever has it already. */
export async function jsonAnswer(request: Request, body: object, keeping: Keeping): Promise<Response> {
  const members = membersOf(body);
  const headers = new Headers({ "content-type": "application/json; charset=utf-8", vary: "accept-encoding" });
  if (keeping.kept) headers.set("cache-control", "private, no-cache");
  secure(headers);
  if (request.method !== "POST") {
    const tag = tagOf(keeping.news ?? textOf(members.filter(([name]) => !TIMES.has(name))));
    headers.set("etag", tag);
    if (isKnown(request, tag)) {
      headers.delete("content-type");
      return new Response(null, { status: 304, headers });
    }
  }
  const text = textOf(members);
  if (text.length < LEAST_CHARS || !takesGzip(request)) return new Response(text, { headers });
  headers.set("content-encoding", "gzip");
  return new Response(new Uint8Array(await compress(text, { level: LEVEL })), { headers });
}

type Member = readonly [name: string, json: string];

/** Each member is made text once, for the answer and for its tag. */
function membersOf(body: object): Member[] {
  return Object.entries(body).flatMap(([name, value]): Member[] => {
    const json: string | undefined = JSON.stringify(value);
    return json === undefined ? [] : [[name, json]];
  });
}

function textOf(members: readonly Member[]): string {
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}

/** Weak: answers of one tag say the same, if not at the same moment or in the same encoding. */
function tagOf(news: string): string {
  return `W/"${createHash("sha256").update(news).digest("base64url").slice(0, 27)}"`;
}

function isKnown(request: Request, tag: string): boolean {
  const known = request.headers.get("if-none-match")?.split(",") ?? [];
  return known.some((one) => one.trim().replace(/^W\//, "") === tag.slice(2));
}

function takesGzip({ headers }: Request): boolean {
  const encodings = headers.get("accept-encoding")?.toLowerCase().split(",") ?? [];
  return encodings.some((encoding) => {
    const [name, quality] = encoding.split(";").map((part) => part.trim());
    return name === "gzip" && Number(quality?.replace(/^q=/, "") ?? 1) > 0;
  });
}
