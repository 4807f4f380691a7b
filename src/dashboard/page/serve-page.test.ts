import { brotliCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { BuiltPage } from "./load-page.ts";
import { servePage } from "./serve-page.ts";

const SCRIPT = "console.log('é')";
const PAGE: BuiltPage = {
  html: '<base href="__FIRELATER_BASE__"><meta nonce="__FIRELATER_NONCE__"><script nonce="__FIRELATER_NONCE__"></script>',
  assets: new Map([
    ["assets/main-abc.js", asset("text/javascript; charset=utf-8", SCRIPT)],
    ["mark.svg", asset("image/svg+xml", "<svg/>")],
  ]),
};

function asset(type: string, content: string) {
  return { type, load: async () => ({ default: brotliCompressSync(content).toString("base64") }) };
}

async function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await servePage(
    new Request(`http://localhost${path}`, { headers }),
    { path, base: "/jobs/" },
    PAGE,
  );
  if (response === null) throw new Error("there is no such file");
  return response;
}

test("the page knows its base path, and a nonce that its policy names, another one each time", async () => {
  const nonces = new Set<string>();
  for (const path of ["/", "/jobs/some-id"]) {
    const response = await ask(path);
    const html = await response.text();
    const [, nonce = ""] = /script nonce="([^"]+)"/.exec(html) ?? [];
    expect(html).toContain('<base href="/jobs/">');
    expect(html).not.toContain("__FIRELATER");
    expect(response.headers.get("content-security-policy")).toContain(`script-src 'self' 'nonce-${nonce}'`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(2);
});

test.each([
  ["br, gzip", "br"],
  ["gzip, deflate, br;q=0.9", "br"],
  ["gzip", null],
  ["abr", null],
])("a file for a browser that takes %s is encoded as %s", async (takes, encoding) => {
  const response = await ask("/assets/main-abc.js", { "accept-encoding": takes });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get("content-encoding")).toBe(encoding);
  expect(bytes.equals(encoding === "br" ? brotliCompressSync(SCRIPT) : Buffer.from(SCRIPT))).toBe(true);
  expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect([response.headers.get("vary"), response.headers.get("x-content-type-options")]).toEqual([
    "accept-encoding",
    "nosniff",
  ]);
});

test("names with a hash are kept for ever, others for an hour", async () => {
  expect((await ask("/assets/main-abc.js")).headers.get("cache-control")).toContain("immutable");
  expect((await ask("/mark.svg")).headers.get("cache-control")).toBe("private, max-age=3600");
});

test("a file of another build is none, not the page", async () => {
  await expect(ask("/assets/main-old.js")).rejects.toThrow("no such file");
});
