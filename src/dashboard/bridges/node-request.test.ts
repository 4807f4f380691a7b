import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { toFetchRequest } from "./node-request.ts";

function incoming(headers: Record<string, string>): IncomingMessage {
  const rawHeaders = Object.entries(headers).flat();
  const parts = { method: "GET", url: "/api/meta", headers, rawHeaders };
  return Object.assign(new IncomingMessage(new Socket()), parts);
}

test.each<[string, Record<string, string>, string]>([
  ["HTTP/1.1 says the host in a header", { host: "jobs.example" }, "http://jobs.example/api/meta"],
  ["HTTP/2 says it by itself", { ":authority": "evil.example" }, "http://evil.example/api/meta"],
  ["who says none is at no host, and not at this one", {}, "http://invalid/api/meta"],
  ["what is no host is none", { host: "a b" }, "http://invalid/api/meta"],
])("%s", (_, headers, url) => {
  expect(toFetchRequest(incoming(headers), {}).url).toBe(url);
});
