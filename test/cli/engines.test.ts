import { randomUUID } from "node:crypto";
import { BackgroundJobClient, defineJobs } from "firelater";
import { afterEach, describe, expect, it } from "vitest";
import { killPrograms } from "../docs/program.ts";
import { basic, change, firelater, startDashboard } from "./cli-process.ts";
import { STORES, type Store } from "./stores.ts";

afterEach(killPrograms);

const jobs = defineJobs({ mail: { welcome: (to: string) => to } });

/** The store of an application that has run here, with one job. */
async function withJob(store: Store): Promise<string> {
  const storage = store.open();
  const client = new BackgroundJobClient({ storage, jobs });
  const id = await client.enqueue((j) => j.mail.welcome("user@example.com"), { id: randomUUID() });
  await client.close();
  await storage.close();
  return id;
}

describe.each(STORES.filter(({ reachable }) => reachable))("a dashboard alone, on $name", ({ take }) => {
  it("shows and changes what is stored, and ends in order", async () => {
    await using store = await take();
    const id = await withJob(store);
    const { program, url } = await startDashboard([...store.args, "--port", "0", "--environment", "staging"]);
    const page = await fetch(url, { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await (await fetch(`${url}api/meta`)).json()).toMatchObject({
      environment: "staging",
      knowsJobs: false,
      viewer: { name: null },
    });
    const list = await (await fetch(`${url}api/jobs?state=Enqueued`)).json();
    expect(list).toMatchObject({ rows: [{ id, name: "mail.welcome" }] });
    const replayed = await fetch(`${url}api/jobs/${id}/replay`, change({ arguments: ["other@example.com"] }));
    expect(await replayed.json()).toMatchObject({ id: expect.any(String) });
    expect(await (await fetch(`${url}api/jobs/${id}/delete`, change())).json()).toMatchObject({
      applied: true,
    });

    program.kill("SIGTERM");
    expect(await program.end(), program.output).toBe(0);
    const storage = store.open();
    expect(await storage.counts()).toMatchObject({ Enqueued: 1, Deleted: 1 });
    await storage.close();
  });

  it("asks for the password, if one is set", async () => {
    await using store = await take();
    await withJob(store);
    const env = { FIRELATER_DASHBOARD_PASSWORD: "right-word" };
    const { url } = await startDashboard([...store.args, "--port", "0"], env);
    for (const headers of [{}, basic("ada", "wrong-word"), { authorization: "Bearer right-word" }]) {
      for (const path of ["", "api/meta", "api/jobs?state=Enqueued", "api/events"]) {
        const refused = await fetch(url + path, { headers });
        expect([path, refused.status]).toEqual([path, 401]);
        expect(refused.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
        expect(await refused.text()).toContain("FL_DASHBOARD_PASSWORD");
      }
    }
    const headers = basic("ada", "right-word");
    expect((await fetch(url, { headers })).status).toBe(200);
    expect(await (await fetch(`${url}api/meta`, { headers })).json()).toMatchObject({
      viewer: { name: "ada" },
    });
    const list = await (await fetch(`${url}api/jobs?state=Enqueued`, { headers })).json();
    expect(list).toMatchObject({ rows: [{ name: "mail.welcome" }] });
  });

  it("makes no store where there is none", async () => {
    await using store = await take();
    const { code, output } = await firelater(["dashboard", ...store.args, "--port", "0"]);
    expect(output).toContain("FL_STORE_MISSING");
    expect(code).toBe(1);
    expect(await store.exists()).toBe(false);
  });
});

describe.each(STORES.filter(({ nobody }) => nobody !== undefined))(
  "a server of $name that is not there",
  ({ nobody = [] }) => {
    it("is told by the driver's error, without the password", async () => {
      const { code, output } = await firelater(["dashboard", ...nobody]);
      expect(output).toContain("FL_STORAGE_FAILED");
      expect(output).not.toContain("s3cret-word");
      expect(output).toContain("set FIRELATER_STORAGE instead");
      expect(code).toBe(1);
    });

    it("in the environment, it warns of nothing", async () => {
      const { output } = await firelater(["dashboard"], { FIRELATER_STORAGE: nobody[1] });
      expect(output).toContain("FL_STORAGE_FAILED");
      expect(output).not.toContain("list of processes");
      expect(output).not.toContain("s3cret-word");
    });
  },
);
