import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { jsonAnswer } from "./json-answer.ts";

const PLAIN = { kept: false };

function ask(headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request("http://localhost/api/x", { method, headers });
}

async function tagOf(body: object, news?: string): Promise<string> {
  return (await jsonAnswer(ask(), body, { kept: true, news })).headers.get("etag") ?? "";
}

test("whoever has the answer already is told so, in no body", async () => {
  const body = { at: 1, rows: [{ at: 1, name: "é" }], none: undefined };
  const first = await jsonAnswer(ask(), body, PLAIN);
  expect(await first.json()).toEqual({ at: 1, rows: [{ at: 1, name: "é" }] });
  const tag = first.headers.get("etag") ?? "";
  expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
  for (const known of [tag, `"x", ${tag}`, tag.replace("W/", "")]) {
    const again = await jsonAnswer(ask({ "if-none-match": known }), body, PLAIN);
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", tag]);
    expect(again.headers.get("content-security-policy")).toContain("default-src 'none'");
  }
  expect((await jsonAnswer(ask({ "if-none-match": '"x"' }), body, PLAIN)).status).toBe(200);
});

test("a tag says what is told, not when it was read", async () => {
  const tag = await tagOf({ at: 1, now: 1, rows: [{ at: 1 }] });
  expect(await tagOf({ at: 2, now: 3, rows: [{ at: 1 }] })).toBe(tag);
  expect(await tagOf({ at: 1, now: 1, rows: [{ at: 2 }] })).not.toBe(tag);
  expect(await tagOf({ at: 1 }, "same")).toBe(await tagOf({ at: 2, more: 1 }, "same"));
});

test("only what holds no data of jobs may be kept by browsers; what was done has no tag", async () => {
  const cached = async (kept: boolean) => {
    const { headers } = await jsonAnswer(ask(), {}, { kept });
    return headers.get("cache-control");
  };
  expect([await cached(true), await cached(false)]).toEqual(["private, no-cache", "no-store"]);
  expect((await jsonAnswer(ask({}, "POST"), {}, PLAIN)).headers.get("etag")).toBe(null);
});

test.each([
  ["gzip, deflate, br", "gzip"],
  ["br;q=1.0, GZIP;q=0.5", "gzip"],
  ["gzip;q=0, br", null],
  ["xgzip", null],
  ["", null],
])("a large answer for whoever takes %j is encoded as %s", async (takes, encoding) => {
  const body = { text: "é".repeat(2_000) };
  const { headers, ...response } = await answer(body, takes);
  expect([headers.get("content-encoding"), headers.get("vary")]).toEqual([encoding, "accept-encoding"]);
  const bytes = encoding === "gzip" ? gunzipSync(response.bytes) : response.bytes;
  expect(JSON.parse(bytes.toString())).toEqual(body);
});

test("a small answer is sent as it is", async () => {
  expect((await answer({ text: "x" }, "gzip")).headers.get("content-encoding")).toBe(null);
});

async function answer(body: object, takes: string) {
  const response = await jsonAnswer(ask({ "accept-encoding": takes }), body, PLAIN);
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}
