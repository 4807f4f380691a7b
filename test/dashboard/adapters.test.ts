import { once } from "node:events";
import { connect } from "node:net";
import { createDashboard, type DashboardOptions } from "firelater/dashboard";
import { MemoryStorage } from "firelater/memory";
import { describe, expect, test } from "vitest";
import { RecordingLogger } from "../lifecycle/recording-logger.ts";
import { FRAMEWORKS, type Mount } from "./frameworks.ts";

const SAME_ORIGIN = { "content-type": "application/json", "sec-fetch-site": "same-origin" };

/** An application that listens, and the dashboard in it. */
async function serve(mount: Mount, path: string, options: Partial<DashboardOptions> = {}) {
  const storage = new MemoryStorage();
  const own = { storage, logger: new RecordingLogger(), authorize: () => true as const };
  const dashboard = createDashboard({ ...own, ...options });
  const server = await mount(dashboard, path);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    storage,
    port,
    ask: (at: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${at}`, init),
    async [Symbol.asyncDispose]() {
      await dashboard.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function baseOf(response: Response): Promise<string | undefined> {
  return /<base href="([^"]*)"/.exec(await response.text())?.[1];
}

describe.each(Object.entries(FRAMEWORKS))("on %s", (name, mount) => {
  const paths = name.includes("within") ? ["/admin/jobs"] : ["", "/admin", "/admin/jobs"];

  describe.each(paths)('at "%s"', (path) => {
    test("the page and its deep links know where they are, with and without a slash at the end", async () => {
      await using app = await serve(mount, path);
      for (const at of [
        `${path}/`,
        path === "" ? "/" : path,
        `${path}/jobs/some-id?state=Failed`,
        `${path}/jobs/`,
      ]) {
        const response = await app.ask(at, { headers: { accept: "text/html" } });
        expect([at, response.status, await baseOf(response)]).toEqual([at, 200, `${path}/`]);
      }
    });

    test("the API answers, and the application keeps its own pages", async () => {
      await using app = await serve(mount, path);
      for (const at of [`${path}/api/meta`, `${path}/api/meta/`])
        expect([at, (await app.ask(at)).status]).toEqual([at, 200]);
      expect((await app.ask(`${path}/api/nothing`)).status).toBe(404);
      expect((await app.ask(`${path}/assets/none.js`)).status).toBe(404);
      expect(await (await app.ask("/own")).text()).toBe("the application's own page");
    });

    test("a body comes through, whoever has read it before", async () => {
      await using app = await serve(mount, path);
      const pause = (body: string, headers: Record<string, string> = SAME_ORIGIN) =>
        app.ask(`${path}/api/queues/slow/pause`, { method: "POST", body, headers });
      expect(await (await pause('{"note":"é ☃ \\u0001"}')).json()).toMatchObject({ applied: true });
      expect(await app.storage.admin.queues()).toMatchObject([{ paused: { note: "é ☃ \u0001" } }]);
      expect((await pause("{}", { ...SAME_ORIGIN, "sec-fetch-site": "cross-site" })).status).toBe(403);
      expect((await pause("note=x", { ...SAME_ORIGIN, "content-type": "text/plain" })).status).toBe(415);
    });
  });

  test("a live stream begins at once, and ends when the browser goes away", async () => {
    await using app = await serve(mount, "/admin/jobs");
    const gone = new AbortController();
    const response = await app.ask("/admin/jobs/api/events", { signal: gone.signal });
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    while (!heard.includes("event: snapshot")) heard += (await reader?.read())?.value ?? "";
    gone.abort();
    expect((await app.ask("/admin/jobs/api/meta")).status).toBe(200);
  });

  test("behind a proxy that cuts off a part of the path, the page knows the whole, if that is trusted", async () => {
    const headers = { accept: "text/html", "x-forwarded-prefix": "/ops" };
    await using trusting = await serve(mount, "/admin/jobs", { trustProxy: true });
    expect(await baseOf(await trusting.ask("/admin/jobs/queues", { headers }))).toBe("/ops/admin/jobs/");
    const evil = { ...headers, "x-forwarded-prefix": '//evil.example/"><script>' };
    expect(await baseOf(await trusting.ask("/admin/jobs/queues", { headers: evil }))).toBe("/admin/jobs/");
    await using wary = await serve(mount, "/admin/jobs");
    expect(await baseOf(await wary.ask("/admin/jobs/queues", { headers }))).toBe("/admin/jobs/");
  });

  test("the option wins over what the adapter says", async () => {
    await using app = await serve(mount, "/admin/jobs", { basePath: "/seen/elsewhere/" });
    expect(await baseOf(await app.ask("/admin/jobs/queues"))).toBe("/seen/elsewhere/");
    expect((await app.ask("/admin/jobs/api/meta")).status).toBe(200);
  });

  test("without authorize this machine alone may look, where the adapter knows the socket", async () => {
    await using app = await serve(mount, "/admin/jobs", { authorize: undefined });
    const expected = name.startsWith("Next") ? 403 : 200;
    expect((await app.ask("/admin/jobs/api/meta")).status).toBe(expected);
    const headers = { "x-forwarded-for": "10.0.0.7" };
    expect((await app.ask("/admin/jobs/api/meta", { headers })).status).toBe(403);
    // As nginx asks, unless it is told otherwise: nothing of it is in a header.
    const socket = connect(app.port, "127.0.0.1");
    socket.end(`GET /admin/jobs/api/meta HTTP/1.0\r\nHost: localhost:${app.port}\r\n\r\n`);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 403/);
  });

  test("an answer that is large comes through compressed, and not at all to who has it", async () => {
    await using app = await serve(mount, "/admin/jobs");
    for (let nth = 0; nth < 50; nth++) await app.storage.admin.pauseQueue(`queue-${nth}`, "for now");
    const first = await app.ask("/admin/jobs/api/queues", { headers: { "accept-encoding": "gzip" } });
    expect([first.headers.get("content-encoding"), first.headers.get("cache-control")]).toEqual([
      "gzip",
      "private, no-cache",
    ]);
    expect(await first.json()).toMatchObject({ queues: { length: 50 } });
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    const again = await app.ask("/admin/jobs/api/queues", { headers });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("a Host header that is none harms nobody", async () => {
    await using app = await serve(mount, "/admin/jobs");
    const socket = connect(app.port, "127.0.0.1");
    socket.end("GET /admin/jobs/api/meta HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n");
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 (200|400|403|500)/);
    expect((await app.ask("/admin/jobs/api/meta")).status).toBe(200);
  });
});
