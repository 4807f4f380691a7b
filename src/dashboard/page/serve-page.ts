import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import type { Place } from "../http/base-path.ts";
import { newNonce, secure } from "../http/security-headers.ts";
import { type BuiltPage, loadPage } from "./load-page.ts";

const inflate = promisify(brotliDecompress);
const FOR_EVER = "private, max-age=31536000, immutable";
const FOR_AN_HOUR = "private, max-age=3600";

/** A file of the page, or for every other path the page itself, so that deep links can be loaded. Null: there is none. */
export async function servePage(
  request: Request,
  { path, base }: Place,
  built?: BuiltPage,
): Promise<Response | null> {
  const page = built ?? (await loadPage());
  const name = path.slice(1);
  if (page.assets.has(name)) return serveAsset(page, name, request);
  // A file of another build: the page in its place would be read as a broken script.
  if (name.startsWith("assets/")) return null;
  const nonce = newNonce();
  const html = page.html.replaceAll("__FIRELATER_BASE__", base).replaceAll("__FIRELATER_NONCE__", nonce);
  const headers = new Headers({ "content-type": "text/html; charset=utf-8" });
  secure(headers, nonce);
  return new Response(html, { headers });
}

async function serveAsset({ assets }: BuiltPage, name: string, request: Request): Promise<Response | null> {
  const asset = assets.get(name);
  if (asset === undefined) return null;
  const bytes = Buffer.from((await asset.load()).default, "base64");
  const headers = new Headers({
    "content-type": asset.type,
    "cache-control": name.startsWith("assets/") ? FOR_EVER : FOR_AN_HOUR,
    vary: "accept-encoding",
  });
  const takesBrotli = /(^|[\s,])br([\s,;]|$)/.test(request.headers.get("accept-encoding") ?? "");
  if (takesBrotli) headers.set("content-encoding", "br");
  secure(headers);
  return new Response(new Uint8Array(takesBrotli ? bytes : await inflate(bytes)), { headers });
}
