import { randomBytes } from "node:crypto";

const PLAIN: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

export function newNonce(): string {
  return randomBytes(18).toString("base64");
}

/** Nothing but the dashboard's own files, no other host, no frame around it. */
function policy(nonce: string | undefined): string {
  const own = nonce === undefined ? "" : ` 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    `script-src 'self'${own}`,
    `style-src 'self'${own}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Sets what every answer has, unless the answer says otherwise. */
export function secure(headers: Headers, nonce?: string): void {
  for (const [name, value] of Object.entries(PLAIN)) headers.set(name, value);
  headers.set("content-security-policy", policy(nonce));
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
}
