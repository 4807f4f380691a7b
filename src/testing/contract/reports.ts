import assert from "node:assert/strict";
import { type Section, section } from "./section.ts";

/** What servers tell of themselves, and what people ask of them. */
export const reports: Section<"reports"> = section("reports", {
  "the last report of a server stands in its record": async (setup) => {
    const { storage } = setup;
    const server = await setup.server();
    const before = (await storage.servers()).find(({ incarnation }) => incarnation === server);
    assert.deepEqual([before?.vitals, before?.command], [null, null]);
    assert.equal(await storage.admin.report(server, '{"cpu":0.5}'), null);
    await storage.admin.report(server, '{"cpu":0.7,"text":"ü 😀"}');
    const after = (await (await setup.another()).servers()).find(({ incarnation }) => incarnation === server);
    assert.deepEqual(after, { ...before, vitals: '{"cpu":0.7,"text":"ü 😀"}' });
  },

  "what is asked of a server is answered to its reports, until it is asked no longer": async (setup) => {
    const { admin } = setup.storage;
    const [server, other] = [await setup.server(), await setup.server()];
    assert.equal(await (await setup.another()).admin.command(server, "quiet"), true);
    assert.deepEqual(
      [await admin.report(server, "{}"), await admin.report(server, "{}")],
      ["quiet", "quiet"],
    );
    assert.equal(await admin.report(other, "{}"), null);
    assert.equal(await admin.command(server, "stop"), true);
    assert.equal(await admin.report(server, "{}"), "stop");
    const record = (await setup.storage.servers()).find(({ incarnation }) => incarnation === server);
    assert.equal(record?.command, "stop");
    assert.equal(await admin.command(server, null), true);
    assert.equal(await admin.report(server, "{}"), null);
  },

  "a server that is gone is told nothing and asked nothing": async (setup) => {
    const { storage } = setup;
    const server = await setup.server();
    await storage.admin.command(server, "stop");
    await storage.retire(server);
    assert.equal(await storage.admin.report(server, "{}"), null);
    assert.equal(await storage.admin.command(server, "stop"), false);
    assert.deepEqual(await storage.servers(), []);
  },

  "a report renews no lease": async (setup) => {
    const { storage } = setup;
    const server = await setup.server();
    const renewedAt = (await storage.servers())[0]?.renewedAt;
    await storage.admin.report(server, "{}");
    assert.equal((await storage.servers())[0]?.renewedAt, renewedAt);
  },
});
