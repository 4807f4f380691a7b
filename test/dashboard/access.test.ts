import { createDashboard, type DashboardOptions, type RequestInfo } from "firelater/dashboard";
import { MemoryStorage } from "firelater/memory";
import { describe, expect, test } from "vitest";
import { RecordingLogger } from "../lifecycle/recording-logger.ts";
import { Workbench } from "../lifecycle/workbench.ts";
import { Scene } from "./scene.ts";

const LOOPBACK: RequestInfo = { remoteAddress: "127.0.0.1" };
const POST = { method: "POST", body: "{}" };
const JSON_TYPE = { "content-type": "application/json" };

function dashboard(options: Partial<DashboardOptions> = {}) {
  return createDashboard({ storage: new MemoryStorage(), logger: new RecordingLogger(), ...options });
}

async function ask(
  options: Partial<DashboardOptions>,
  info: RequestInfo,
  init: RequestInit = {},
  url = "http://localhost/api/meta",
) {
  const { fetch } = dashboard(options);
  return fetch(new Request(url, init), info);
}

describe("without authorize", () => {
  test.each([
    ["127.0.0.1", "http://localhost:3000/api/meta"],
    ["::1", "http://[::1]/api/meta"],
    ["::ffff:127.0.0.1", "http://127.0.0.1/api/meta"],
  ])("a browser on this machine may look: %s at %s", async (remoteAddress, url) => {
    expect((await ask({}, { remoteAddress }, {}, url)).status).toBe(200);
  });

  test.each<[string, RequestInfo, Record<string, string>, string?]>([
    ["a socket that nobody knows", {}, {}],
    ["another machine", { remoteAddress: "10.0.0.7" }, {}],
    ["an address that begins like this machine's", { remoteAddress: "127.0.0.1.evil" }, {}],
    ["a name of somebody else that leads here", LOOPBACK, { host: "evil.example" }],
    ["a name that begins like this machine's", LOOPBACK, { host: "localhost.evil.example" }],
    ["such a name in the address", LOOPBACK, {}, "http://evil.example/api/meta"],
    ["a proxy on this machine", LOOPBACK, { "x-forwarded-for": "10.0.0.7" }],
    ["a proxy that says only the host", LOOPBACK, { "x-forwarded-host": "example.com" }],
    ["a proxy of the standard", LOOPBACK, { forwarded: "for=10.0.0.7" }],
    ["a proxy that says its name", LOOPBACK, { via: "1.1 proxy" }],
    ["nginx with the usual header", LOOPBACK, { "x-real-ip": "10.0.0.7" }],
    ["a proxy that speaks as no browser does", { ...LOOPBACK, httpVersion: "1.0" }, {}],
  ])("%s may not", async (_, info, headers, url) => {
    const response = await ask({}, info, { headers }, url);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      code: "FL_DASHBOARD_CLOSED",
      mend: expect.stringContaining("authorize"),
    });
  });

  test("a browser elsewhere gets a page that says what to set, and neither page nor files", async () => {
    const response = await ask({}, {}, { headers: { accept: "text/html" } }, "http://example.com/jobs");
    expect(response.status).toBe(403);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await response.text()).toContain("authorize");
  });

  test("production is warned", () => {
    const logger = new RecordingLogger();
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = "production";
    dashboard({ logger });
    process.env.NODE_ENV = before;
    expect(logger.texts("warn", "no authorize")).toHaveLength(1);
  });
});

describe("authorize", () => {
  test.each<[string, DashboardOptions["authorize"], number]>([
    ["false", () => false, 403],
    ["true", async () => true as const, 200],
    ["a viewer", () => ({ name: "eve" }), 200],
    [
      "a response of its own",
      () => new Response(null, { status: 302, headers: { location: "/login" } }),
      302,
    ],
    ["an error", () => Promise.reject(new Error("down")), 403],
    ["a permission that there is not", () => ({ permissions: ["everything" as "view"] }), 403],
  ])("that answers %s", async (_, authorize, status) => {
    expect((await ask({ authorize }, {})).status).toBe(status);
  });

  test("is asked with the request and what the adapter knows", async () => {
    const asked: unknown[] = [];
    const authorize = (request: Request, info: RequestInfo) => {
      asked.push(request.headers.get("cookie"), info.remoteAddress);
      return true as const;
    };
    await ask({ authorize }, LOOPBACK, { headers: { cookie: "session=1" } });
    expect(asked).toEqual(["session=1", "127.0.0.1"]);
  });
});

describe("permissions", () => {
  const routes: [permission: string, path: string, body?: object][] = [
    ["requeue", "jobs/x/requeue"],
    ["delete", "jobs/x/delete"],
    ["reschedule", "jobs/x/reschedule", { in: 1 }],
    ["replay", "jobs/x/replay"],
    ["trigger-recurring", "recurring/x/trigger"],
    ["pause-recurring", "recurring/x/pause"],
    ["pause-recurring", "recurring/x/resume"],
    ["edit-recurring", "recurring/x/edit", { version: "1" }],
    ["remove-recurring", "recurring/x/remove"],
    ["pause-queue", "queues/x/pause"],
    ["pause-queue", "queues/x/resume"],
    ["command-server", "servers/x/stop"],
    ["operate", "operations/x/abort"],
    ["save-view", "views", { name: "x", link: "jobs" }],
  ];

  test.each(routes)("%s is needed for %s", async (permission, path, body = {}) => {
    const scene = (permissions: readonly string[]) =>
      new Scene(Workbench.inMemory(), {
        authorize: () => ({ permissions: permissions as readonly "view"[] }),
      });
    await using without = scene(["view", "view-data", ...ALL.filter((one) => one !== permission)]);
    expect(Scene.codeOf(await without.post(path, body))).toBe("403 FL_DASHBOARD_FORBIDDEN");
    await using having = scene(["view", permission]);
    expect((await having.post(path, body)).status).not.toBe(403);
  });

  test("an operation needs that of its kind as well, and bulk that of its action", async () => {
    await using scene = new Scene(Workbench.inMemory(), {
      authorize: () => ({ permissions: ["view", "operate", "requeue"] }),
    });
    const begin = (kind: string) => scene.post("operations", { kind, filter: { state: "Failed" } });
    expect(Scene.codeOf(await begin("delete"))).toBe("403 FL_DASHBOARD_FORBIDDEN");
    expect((await begin("requeue")).status).toBe(200);
    const bulk = { action: "delete", ids: [crypto.randomUUID()] };
    expect(Scene.codeOf(await scene.post("jobs/bulk", bulk))).toBe("403 FL_DASHBOARD_FORBIDDEN");
  });

  test("without view-data nothing of what jobs work with is told or looked for", async () => {
    await using scene = new Scene(Workbench.inMemory(), {
      authorize: () => ({ permissions: ["view", "operate", "delete"] }),
    });
    const id = await scene.client.enqueue((j) => j.mail.fail("secret-1"), { tags: ["secret-2"] });
    await scene.run();
    const paths = [`jobs/${id}`, "jobs?state=Failed", "errors", "overview", "audit", "recurring"];
    for (const path of paths) {
      const { status, body } = await scene.get(path);
      expect([path, status, JSON.stringify(body).includes("secret")]).toEqual([path, 200, false]);
    }
    const hidden = [
      `jobs/${id}/logs`,
      `jobs/${id}/arguments`,
      "jobs?state=Failed&args=x",
      "jobs?state=Failed&error=x",
    ];
    for (const path of [...hidden, "jobs?state=Failed&with=args"])
      expect(`${path} ${Scene.codeOf(await scene.get(path))}`).toBe(`${path} 403 FL_DASHBOARD_FORBIDDEN`);
    const filter = { state: "Failed", args: "secret" };
    const dryRun = await scene.post("operations", { kind: "delete", filter, dryRun: true });
    expect(Scene.codeOf(dryRun)).toBe("403 FL_DASHBOARD_FORBIDDEN");
  });

  test("readOnly takes every permission but the two of looking", async () => {
    await using scene = new Scene(Workbench.inMemory(), { readOnly: true });
    const { viewer, readOnly } = await scene.read<"GET meta">("meta");
    expect([readOnly, viewer.permissions]).toEqual([true, ["view", "view-data"]]);
    expect(Scene.codeOf(await scene.post("queues/x/pause"))).toBe("403 FL_DASHBOARD_FORBIDDEN");
  });

  test("a viewer who may not even look sees no page", async () => {
    const response = await ask({ authorize: () => ({ permissions: [] }) }, {}, {}, "http://localhost/");
    expect(response.status).toBe(403);
  });
});

const ALL = ["requeue", "delete", "reschedule", "replay", "trigger-recurring", "pause-recurring"].concat([
  "edit-recurring",
  "remove-recurring",
  "pause-queue",
  "command-server",
  "operate",
  "save-view",
]);

describe("a change", () => {
  const authorize = () => true as const;
  const pause = "http://jobs.example/api/queues/x/pause";

  test.each<[string, Record<string, string>, number]>([
    ["of the own page", { "sec-fetch-site": "same-origin" }, 200],
    ["of the own page, in a browser that says only the origin", { origin: "http://jobs.example" }, 200],
    ["of another site", { "sec-fetch-site": "cross-site" }, 403],
    ["of a neighbour", { "sec-fetch-site": "same-site", origin: "http://jobs.example" }, 403],
    ["typed in by hand", { "sec-fetch-site": "none" }, 403],
    ["of another origin", { origin: "http://evil.example" }, 403],
    ["of an origin that hides", { origin: "null" }, 403],
    ["of nobody", {}, 403],
  ])("%s", async (_, headers, status) => {
    const response = await ask({ authorize }, {}, { ...POST, headers: { ...JSON_TYPE, ...headers } }, pause);
    expect(response.status).toBe(status);
  });

  test("behind a proxy goes by the forwarded host, where that is trusted", async () => {
    const headers = { ...JSON_TYPE, origin: "https://jobs.example", "x-forwarded-host": "jobs.example" };
    const at = "http://10.0.0.1:3000/api/queues/x/pause";
    expect((await ask({ authorize, trustProxy: true }, {}, { ...POST, headers }, at)).status).toBe(200);
    expect((await ask({ authorize }, {}, { ...POST, headers }, at)).status).toBe(403);
  });

  test.each<[string, RequestInit, string]>([
    ["a form", { body: "{}", headers: { "content-type": "text/plain" } }, "415 FL_DASHBOARD_BODY"],
    ["no JSON", { body: "{" }, "400 FL_DASHBOARD_INVALID"],
    ["no object", { body: "[]" }, "400 FL_DASHBOARD_INVALID"],
    ["a member that nobody asked for", { body: '{"__proto__":{"note":"x"}}' }, "400 FL_DASHBOARD_INVALID"],
    ["a value of another type", { body: '{"note":1}' }, "400 FL_DASHBOARD_INVALID"],
    ["too long a text", { body: JSON.stringify({ note: "x".repeat(501) }) }, "400 FL_DASHBOARD_INVALID"],
    ["too much", { body: JSON.stringify({ note: "x".repeat(1_048_576) }) }, "413 FL_DASHBOARD_BODY"],
  ])("with %s is refused", async (_, init, code) => {
    const headers = { ...JSON_TYPE, "sec-fetch-site": "same-origin", ...init.headers };
    const response = await ask({ authorize }, {}, { method: "POST", ...init, headers }, pause);
    expect(
      Scene.codeOf({ status: response.status, headers: response.headers, body: await response.json() }),
    ).toBe(code);
  });

  test("is none by a GET, and other methods do nothing", async () => {
    expect((await ask({ authorize }, {}, {}, pause)).status).toBe(404);
    const headers = { ...JSON_TYPE, "sec-fetch-site": "same-origin" };
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"])
      expect((await ask({ authorize }, {}, { method, headers }, pause)).status).toBeGreaterThanOrEqual(403);
  });
});

test.each([
  "jobs?hold=somehow",
  "jobs?state=Nothing",
  "jobs?state=Failed&limit=0",
  "jobs?state=Failed&limit=201",
  "jobs?state=Failed&limit=1e3",
  "jobs?state=Failed&state=Deleted",
  "jobs?state=Failed&nme=x",
  `jobs?state=Failed&name=${"x".repeat(201)}`,
  "jobs?state=Failed&path=0.a",
  "jobs?state=Failed&since=yesterday",
  "jobs?state=Failed&name=%00",
  "statistics?by=minute",
  "statistics?from=0",
  "statistics?from=2&to=1",
  "statistics?timeZone=Nowhere",
  "audit?limit=-1",
  "events?jobs=x",
  `events?jobs=${Array.from({ length: 11 }, () => crypto.randomUUID()).join(",")}`,
])("a parameter that does not fit is refused: %s", async (path) => {
  await using scene = new Scene(Workbench.inMemory());
  const { status, body } = await scene.get(path);
  expect([status, body]).toMatchObject([
    400,
    { code: expect.stringMatching(/^FL_/), message: expect.any(String) },
  ]);
});

describe("a look", () => {
  test.each<[string, Record<string, string>, number]>([
    ["of the own page", { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }, 200],
    ["of a program", {}, 200],
    ["typed in by hand", { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }, 200],
    ["by a link on another site", link("cross-site", "document"), 200],
    ["of a page of another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, 403],
    ["of a page of a neighbour", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }, 403],
    ["of a frame in another site", link("cross-site", "iframe"), 403],
  ])("%s", async (_, headers, status) => {
    expect((await ask({ authorize: () => true }, {}, { headers })).status).toBe(status);
  });
});

function link(site: string, destination: string): Record<string, string> {
  return { "sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": destination };
}

test("every answer is closed to other sites, and says nothing to caches", async () => {
  for (const path of ["/", "/api/errors", "/api/nothing"]) {
    const { headers } = await ask({ authorize: () => true }, {}, {}, `http://localhost${path}`);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect([headers.get("x-content-type-options"), headers.get("referrer-policy")]).toEqual([
      "nosniff",
      "no-referrer",
    ]);
    expect(headers.get("cache-control")).toBe("no-store");
  }
});
