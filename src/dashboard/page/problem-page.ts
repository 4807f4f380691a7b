import type { ApiError } from "../api/envelope.ts";
import { secure } from "../http/security-headers.ts";

/** What a browser is told that may not look, or that has met a failure: text, and nothing that runs. */
export function problemPage(status: number, { code, message, mend }: ApiError): Response {
  const headers = new Headers({ "content-type": "text/html; charset=utf-8" });
  secure(headers);
  const body = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><meta name="robots" content="noindex" /><title>Firelater</title></head>
  <body>
    <h1>${escapeHtml(message)}</h1>
    <p>${escapeHtml(mend ?? "")}</p>
    <p><code>${escapeHtml(code)}</code></p>
  </body>
</html>
`;
  return new Response(body, { status, headers });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
