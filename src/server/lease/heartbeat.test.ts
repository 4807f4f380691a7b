import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BreakableStorage } from "../../../test/lifecycle/breakable-storage.ts";
import { RecordingLogger } from "../../../test/lifecycle/recording-logger.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import { announcement } from "../../testing/contract/builders.ts";
import { Heartbeat } from "./heartbeat.ts";

const TIMEOUT_MS = 2_000;

describe("Heartbeat", () => {
  let broken: BreakableStorage;
  let heartbeat: Heartbeat;
  let told: string[];

  beforeEach(() => {
    vi.useFakeTimers();
    broken = new BreakableStorage(new MemoryStorage());
    told = [];
    const { incarnation: _, ...server } = announcement({ name: "my web", timeoutMs: TIMEOUT_MS });
    heartbeat = new Heartbeat({
      storage: broken.storage,
      server,
      heartbeatMs: 500,
      logger: new RecordingLogger(),
      lost: () => told.push("lost"),
      announced: () => told.push("announced"),
    });
  });
  afterEach(async () => {
    await heartbeat.stop();
    vi.useRealTimers();
  });

  const live = async () => (await broken.storage.servers()).filter((server) => server.live);

  it("announces a server whose incarnation people and engines can read", async () => {
    await heartbeat.start();
    expect(told).toEqual(["announced"]);
    expect(heartbeat.lease.incarnation).toMatch(/^my-web:4711:[0-9a-f]{12}$/);
    expect(JSON.parse(`{${heartbeat.lease.entry}}`)).toMatchObject({ state: "Processing", server: "my web" });
  });

  it("keeps the lease alive for as long as it beats", async () => {
    await heartbeat.start();
    await vi.advanceTimersByTimeAsync(10 * TIMEOUT_MS);
    expect(await live()).toHaveLength(1);
    expect(told).toEqual(["announced"]);
  });

  it("bears a store that fails now and then", async () => {
    await heartbeat.start();
    broken.fail("heartbeat", { times: 3 });
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS - 100);
    expect(await live()).toHaveLength(1);
    expect(told).toEqual(["announced"]);
  });

  it("becomes a new incarnation when it was judged", async () => {
    await heartbeat.start();
    const before = heartbeat.lease.incarnation;
    await broken.storage.retire(before);
    await vi.advanceTimersByTimeAsync(600);
    expect(told).toEqual(["announced", "lost", "announced"]);
    expect(heartbeat.lease.incarnation).not.toBe(before);
    expect(await live()).toHaveLength(1);
  });

  it("loses nothing by a doubt about a lease that has only run out: nobody has judged it", async () => {
    await heartbeat.start();
    const before = heartbeat.lease.incarnation;
    vi.setSystemTime(Date.now() + 10 * TIMEOUT_MS);
    expect(await live()).toHaveLength(0);
    heartbeat.doubt();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(["announced"]);
    expect((await live()).map(({ incarnation }) => incarnation)).toEqual([before]);
  });

  it("finds out at once, by a doubt, that it was judged", async () => {
    await heartbeat.start();
    await broken.storage.retire(heartbeat.lease.incarnation);
    heartbeat.doubt();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(["announced", "lost", "announced"]);
  });

  it("tries again when the new incarnation could not be announced", async () => {
    await heartbeat.start();
    await broken.storage.retire(heartbeat.lease.incarnation);
    broken.fail("announce", { times: 2 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told.at(-1)).toBe("announced");
    expect(await live()).toHaveLength(1);
  });

  it("ends its lease when it stops", async () => {
    await heartbeat.start();
    await heartbeat.stop();
    expect(await broken.storage.servers()).toEqual([]);
  });
});
