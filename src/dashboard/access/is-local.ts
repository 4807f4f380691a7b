import type { RequestInfo } from "./request-info.ts";

/** Each says that somebody else stands between this process and whoever asks. */
const FORWARDED = [
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "fastly-client-ip",
  "client-ip",
  "x-original-forwarded-for",
  "x-envoy-external-address",
  "x-amzn-trace-id",
  "cdn-loop",
];

/**
 * Whether a request certainly comes from this machine and was meant for it: a loopback socket (no network), a localhost
 * Host header (no name of another site that points here), no forwarding header (no proxy on this machine), and not the
 * HTTP/1.0 of proxies that add no header at all.
 */
export function isLocal(request: Request, info: RequestInfo): boolean {
  const { remoteAddress, httpVersion } = info;
  if (!isLoopback(remoteAddress) || httpVersion === "1.0") return false;
  return hasLocalHost(request) && !isForwarded(request.headers);
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address);
}

function hasLocalHost(request: Request): boolean {
  const host = request.headers.get("host") ?? hostOf(request.url);
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "";
}

function isForwarded(headers: Headers): boolean {
  if (FORWARDED.some((name) => headers.has(name))) return true;
  return [...headers.keys()].some((name) => name.startsWith("x-forwarded-"));
}
