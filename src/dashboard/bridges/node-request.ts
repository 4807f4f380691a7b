import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** What adapters know beside the request of node:http. */
export interface NodeRequestParts {
  /** The address that was asked for, where the framework has cut its own part off `request.url`. */
  readonly url?: string | undefined;
  /** The body, where somebody has read the stream before. */
  readonly body?: unknown;
}

const BODILESS = new Set(["GET", "HEAD"]);
/** The stream is read, or is not: what it said of its length holds no longer for a body that was put together anew. */
const OF_THE_STREAM = new Set(["content-length", "transfer-encoding", "content-encoding", "connection"]);

/** A request of node:http as one of Fetch. */
export function toFetchRequest(incoming: IncomingMessage, { url, body }: NodeRequestParts): Request {
  const method = incoming.method ?? "GET";
  const isReread = body !== undefined && !BODILESS.has(method);
  const headers = toHeaders(incoming, isReread);
  const address = toAddress(incoming, url ?? incoming.url ?? "/");
  if (BODILESS.has(method)) return new Request(address, { method, headers });
  if (isReread) return new Request(address, { method, headers, body: toText(body) });
  return new Request(address, { method, headers, body: Readable.toWeb(incoming), duplex: "half" });
}

/** Whether somebody has read the body already. */
export function isRead(incoming: IncomingMessage): boolean {
  return incoming.readableEnded || incoming.readableDidRead;
}

function toAddress(incoming: IncomingMessage, url: string): string {
  const scheme = Reflect.get(incoming.socket, "encrypted") === true ? "https" : "http";
  const path = url.startsWith("/") ? url : (URL.parse(url)?.pathname ?? "/");
  // HTTP/2 says it otherwise. It is anybody's text: what is none is no reason to fail, and is local to nobody.
  const host = incoming.headers.host ?? incoming.headers[":authority"] ?? "invalid";
  const address = `${scheme}://${String(host)}${path}`;
  return URL.canParse(address) ? address : `${scheme}://invalid${path}`;
}

function toHeaders({ rawHeaders }: IncomingMessage, isReread: boolean): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    // Those of HTTP/2 that are no headers.
    if (name.startsWith(":") || (isReread && OF_THE_STREAM.has(name.toLowerCase()))) continue;
    headers.append(name, rawHeaders[at + 1] ?? "");
  }
  return headers;
}

function toText(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}
