import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteStorage } from "firelater/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../src/drivers/sqlite/schema.ts";
import { killPrograms } from "../docs/program.ts";
import { basic, change, firelater, startDashboard } from "./cli-process.ts";

const PASSWORD = { FIRELATER_DASHBOARD_PASSWORD: "right-word" };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "firelater-cli-"));
  const storage = new SqliteStorage(join(folder, "jobs.db"));
  await storage.ready;
  await storage.close();
});
afterEach(async () => {
  await killPrograms();
  await rm(folder, { recursive: true });
});

const start = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
  startDashboard(["--storage", "jobs.db", "--port", "0", ...args], env, folder);
const fail = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  firelater(["dashboard", ...args], env, folder);

describe("the address", () => {
  it.each(["jobs.db", "./jobs.db", "sqlite:jobs.db", "sqlite:./jobs.db", "sqlite://jobs.db"])(
    "%s is a file",
    async (address) => {
      const { url, program } = await startDashboard(["--storage", address, "--port", "0"], {}, folder);
      expect((await fetch(`${url}api/meta`)).status).toBe(200);
      expect(program.output).toContain(`the dashboard of sqlite:`);
    },
  );

  it("may stand in the environment", async () => {
    const { url } = await startDashboard(["--port", "0"], { FIRELATER_STORAGE: "sqlite:jobs.db" }, folder);
    expect((await fetch(`${url}api/meta`)).status).toBe(200);
  });

  it("of a file that is not there is refused, nothing is made, and the right one is suggested", async () => {
    const { code, output } = await fail(["--storage", "jbos.db"]);
    expect(output).toContain('Did you mean "jobs.db"? (FL_STORE_MISSING)');
    expect(code).toBe(1);
    expect(existsSync(join(folder, "jbos.db"))).toBe(false);
    await fail(["--storage", "deeper/jobs.db"]);
    expect(existsSync(join(folder, "deeper"))).toBe(false);
  });

  it("of a file that holds no jobs is refused, and the file left alone", async () => {
    await writeFile(join(folder, "empty.db"), "");
    expect((await fail(["--storage", "empty.db"])).output).toContain("FL_STORE_MISSING");
    const database = new DatabaseSync(join(folder, "empty.db"));
    expect(database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()).toEqual({ tables: 0 });
    database.close();
  });

  it.each([
    ["an older version", MIGRATIONS.length - 1, "FL_SCHEMA_TOO_OLD"],
    ["a newer version", MIGRATIONS.length + 1, "FL_SCHEMA_TOO_NEW"],
  ])("of a file of %s is refused, and nothing is migrated", async (_, version, wanted) => {
    const database = new DatabaseSync(join(folder, "jobs.db"));
    database.exec(`UPDATE firelater_schema SET version = ${version}`);
    const { code, output } = await fail(["--storage", "jobs.db"]);
    expect(output).toContain(wanted);
    expect(code).toBe(1);
    expect(database.prepare("SELECT version FROM firelater_schema").get()).toEqual({ version });
    database.close();
  });
});

describe("who may look", () => {
  it("is nobody elsewhere, without a password", async () => {
    const { code, output } = await fail(["--storage", "jobs.db", "--host", "0.0.0.0"]);
    expect(output).toContain("FL_DASHBOARD_UNPROTECTED");
    expect(code).toBe(2);
  });

  it("on this machine needs no password, but a browser here and no proxy between", async () => {
    const { url } = await start();
    expect((await fetch(`${url}api/meta`)).status).toBe(200);
    const forwarded = await fetch(`${url}api/meta`, { headers: { "x-forwarded-for": "10.0.0.7" } });
    expect(forwarded.status).toBe(403);
    expect(await forwarded.json()).toMatchObject({
      code: "FL_DASHBOARD_CLOSED",
      mend: expect.stringContaining("FIRELATER_DASHBOARD_PASSWORD"),
    });
  });

  it("on every address is who knows the password", async () => {
    const { url, program } = await start(["--host", "0.0.0.0"], PASSWORD);
    expect((await fetch(`${url}api/meta`)).status).toBe(401);
    const headers = basic("ada", "right-word");
    expect((await fetch(`${url}api/meta`, { headers })).status).toBe(200);
    expect(program.output).toContain("Plain HTTP");
    expect(program.output).not.toContain("right-word");
  });

  it("may be one user alone", async () => {
    const { url } = await start([], { ...PASSWORD, FIRELATER_DASHBOARD_USER: "ada" });
    const as = async (user: string) =>
      (await fetch(`${url}api/meta`, { headers: basic(user, "right-word") })).status;
    expect([await as("ada"), await as("eve"), await as("")]).toEqual([200, 401, 401]);
  });
});

describe("what is served", () => {
  it("can be read only", async () => {
    const { url } = await start(["--read-only"]);
    expect(await (await fetch(`${url}api/meta`)).json()).toMatchObject({ readOnly: true });
    expect((await fetch(`${url}api/queues/default/pause`, change())).status).toBe(403);
  });

  it("stands below a base path, whether the proxy cuts it off or not", async () => {
    const { url } = await start(["--base-path", "/ops/jobs"]);
    expect(url).toMatch(/\/ops\/jobs\/$/);
    for (const place of [url, new URL("/", url).href]) {
      expect(await (await fetch(place)).text()).toContain('<base href="/ops/jobs/"');
      expect((await fetch(`${place}api/meta`)).status).toBe(200);
    }
  });
});

describe("the port", () => {
  it("that was asked for and is taken is an error", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const port = String(Object(other.address()).port);
    const { code, output } = await fail(["--storage", "jobs.db", "--port", port]);
    expect(output).toContain(`Port ${port} of 127.0.0.1 is taken by another program.`);
    expect(output).toContain("FL_CANNOT_LISTEN");
    expect(code).toBe(1);
    other.close();
  });

  it("that nobody asked for is the next free one", async () => {
    const both = await Promise.all([1, 2].map(() => startDashboard(["--storage", "jobs.db"], {}, folder)));
    const [one, other] = both.map(({ url }) => new URL(url).port);
    expect(one).not.toBe(other);
    for (const { url } of both) expect((await fetch(`${url}api/meta`)).status).toBe(200);
  });

  it("of an address that this machine has not is an error", async () => {
    const { code, output } = await fail(["--storage", "jobs.db", "--host", "192.0.2.1"], PASSWORD);
    expect(output).toContain("FL_CANNOT_LISTEN");
    expect(code).toBe(1);
  });
});

describe("the end", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("by %s closes live streams and the storage", async (signal) => {
    const { program, url } = await start();
    const live = await fetch(`${url}api/events`);
    program.kill(signal);
    expect(await live.text()).toContain("event: bye");
    expect(await program.end()).toBe(0);
    // SQLite removes it when the last connection is closed in order.
    expect(existsSync(join(folder, "jobs.db-wal"))).toBe(false);
  });

  it("does not wait for ever for a request that never ends", async () => {
    const { program, url } = await start();
    const socket = await halfARequest(url);
    program.kill("SIGTERM");
    expect(await program.end()).toBe(0);
    socket.destroy();
  });

  it("is at once at a second signal, of which an echo of the first is none", async () => {
    const { program, url } = await start();
    const socket = await halfARequest(url);
    program.kill("SIGTERM");
    program.kill("SIGTERM");
    const answers = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { interval: 5 }).toBe(false);
    const hurry = setInterval(() => program.kill("SIGINT"), 50);
    expect(await program.end()).toBe(130);
    clearInterval(hurry);
    socket.destroy();
  });
});

/** A connection with a request of which the body is still to come. */
async function halfARequest(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const head = [
    "POST /api/queues/default/pause HTTP/1.1",
    `Host: ${hostname}:${port}`,
    "Content-Type: application/json",
    "Content-Length: 100",
    "Sec-Fetch-Site: same-origin",
    "Expect: 100-continue",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  // The answer "go on": the request has arrived.
  await once(socket, "data");
  socket.write("{");
  return socket;
}

describe("what is called in a wrong way", () => {
  it.each([
    [["dashbord"], 'There is no command "dashbord". Did you mean "dashboard"? (FL_COMMAND_LINE)'],
    [["dashboard", "--storage", "mysql://u:s3cret-word@h"], "(FL_INVALID_STORAGE_OPTIONS)"],
  ])("%j is told so, in a line and without a stack", async (args, words) => {
    const { code, output } = await firelater(args, {}, folder);
    expect(output).toContain(words);
    expect(output).not.toContain("s3cret-word");
    expect(output).not.toMatch(/^ {4}at /m);
    expect(code).toBe(2);
  });
});
