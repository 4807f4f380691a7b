import { Cluster } from "ioredis";
import { describe, expect, test } from "vitest";
import { RedisStorage } from "../../src/drivers/redis/storage.ts";
import type { Signal, Storage } from "../../src/storage/index.ts";
import { announcement, newJob, newJobs, PROCESSING } from "../../src/testing/contract/builders.ts";
import { isInstalled, PrivateRedis } from "./private-redis.ts";

const SOON = { timeout: 20_000, interval: 20 };
const SLOTS = 16_384;
const OPTIONS = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"];

describe.skipIf(!isInstalled)("a cluster", () => {
  test("is found by a client of it, and its jobs are told from node to node", async () => {
    await using cluster = await PrivateCluster.start();
    const client = cluster.client();
    await using storage = new RedisStorage({ client }, { prefix: "shop" });
    await using other = new RedisStorage({ client: cluster.client() }, { prefix: "shop" });
    const heard = listen(other);
    await expect.poll(() => heard, SOON).toContain("changed");
    await storage.insert([newJob()]);
    await expect.poll(() => heard, SOON).toContain("ready");
    expect(await (await cluster.owner("{shop}")).admin.dbsize()).toBeGreaterThan(0);
    expect(client.status).toBe("wait");
    expect(await run(other)).toBe(1);
  });

  test("whose slot moves to another node is followed, and waited for meanwhile", async () => {
    await using cluster = await PrivateCluster.start();
    await using storage = new RedisStorage({ client: cluster.client() }, { prefix: "shop" });
    await storage.insert(newJobs(3));
    const from = await cluster.owner("{shop}");
    const to = cluster.nodes.find((node) => node !== from) ?? expect.fail("there are two");
    const move = await cluster.beginMove("{shop}", from, to);
    let isStored = false;
    const storing = storage.insert([newJob()]).then(() => {
      isStored = true;
    });
    // The old node says so itself: no script has run beside keys that are here and there.
    await expect.poll(() => errorsOf(from, "ASK"), SOON).toBeGreaterThan(0);
    expect(isStored).toBe(false);
    await move.finish();
    await storing;
    expect((await storage.counts()).Enqueued).toBe(4);
    expect(await run(storage)).toBe(4);
    expect(await from.admin.dbsize()).toBe(0);
  });

  test("one of whose nodes dies is found by way of the others", async () => {
    await using cluster = await PrivateCluster.start();
    await using replica = await PrivateRedis.start(...OPTIONS);
    const primary = await cluster.owner("{shop}");
    await cluster.join(replica);
    await replica.admin.cluster("REPLICATE", String(await primary.admin.cluster("MYID")));
    await expect.poll(() => replica.admin.info("replication"), SOON).toContain("master_link_status:up");
    await using storage = new RedisStorage({ client: cluster.client() }, { prefix: "shop", timeout: "20s" });
    await storage.insert(newJobs(2));
    await expect.poll(() => replica.admin.dbsize(), SOON).toBe(await primary.admin.dbsize());
    await primary.stop();
    await replica.admin.cluster("FAILOVER", "TAKEOVER");
    await storage.insert([newJob()]);
    expect((await storage.counts()).Enqueued).toBe(3);
    expect(await run(storage)).toBe(3);
  });

  test("needs a node to be named", () => {
    const client = new Cluster([], { lazyConnect: true });
    expect(() => new RedisStorage({ client })).toThrow(/no node/);
  });
});

/** Two nodes with half of the slots each. */
class PrivateCluster implements AsyncDisposable {
  readonly nodes: readonly PrivateRedis[];

  private constructor(nodes: readonly PrivateRedis[]) {
    this.nodes = nodes;
  }

  static async start(): Promise<PrivateCluster> {
    const nodes = await Promise.all([PrivateRedis.start(...OPTIONS), PrivateRedis.start(...OPTIONS)]);
    const [a, b] = nodes;
    await a.admin.cluster("ADDSLOTSRANGE", 0, SLOTS / 2 - 1);
    await b.admin.cluster("ADDSLOTSRANGE", SLOTS / 2, SLOTS - 1);
    // Else both begin with the same epoch, which is settled only after a while.
    await b.admin.cluster("SET-CONFIG-EPOCH", 2);
    const cluster = new PrivateCluster(nodes);
    await a.admin.cluster("MEET", "127.0.0.1", b.port);
    await cluster.agree();
    return cluster;
  }

  client(): Cluster {
    return new Cluster(
      this.nodes.map(({ url }) => url),
      { lazyConnect: true },
    );
  }

  async owner(key: string): Promise<PrivateRedis> {
    const slot = Number(await this.nodes[0]?.admin.cluster("KEYSLOT", key));
    return this.nodes[slot < SLOTS / 2 ? 0 : 1] ?? expect.fail("there are two");
  }

  async join(node: PrivateRedis): Promise<void> {
    await node.admin.cluster("MEET", "127.0.0.1", this.nodes[0]?.port ?? 0);
    await expect.poll(() => node.admin.cluster("INFO"), SOON).toContain("cluster_known_nodes:3");
    await expect.poll(() => node.admin.cluster("INFO"), SOON).toContain("cluster_state:ok");
  }

  async agree(): Promise<void> {
    for (const { admin } of this.nodes) {
      await expect.poll(() => admin.cluster("INFO"), SOON).toContain("cluster_state:ok");
      await expect.poll(() => admin.cluster("INFO"), SOON).toContain(`cluster_slots_ok:${SLOTS}`);
    }
  }

  /** From here on the old node asks its clients to look at the new one, until the keys are over and `finish` is called. */
  async beginMove(key: string, from: PrivateRedis, to: PrivateRedis): Promise<{ finish(): Promise<void> }> {
    const slot = Number(await from.admin.cluster("KEYSLOT", key));
    const [fromId, toId] = await Promise.all([from, to].map(({ admin }) => admin.cluster("MYID")));
    await to.admin.call("CLUSTER", "SETSLOT", slot, "IMPORTING", String(fromId));
    await from.admin.call("CLUSTER", "SETSLOT", slot, "MIGRATING", String(toId));
    return {
      async finish() {
        const keys = await from.admin.keys(`${key}*`);
        await from.admin.call("MIGRATE", "127.0.0.1", to.port, "", 0, 5_000, "KEYS", ...keys);
        for (const node of [to, from])
          await node.admin.call("CLUSTER", "SETSLOT", slot, "NODE", String(toId));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await node[Symbol.asyncDispose]();
  }
}

/** How often the server has answered with an error of this kind. */
async function errorsOf({ admin }: PrivateRedis, kind: string): Promise<number> {
  const stats = await admin.info("errorstats");
  return Number(new RegExp(`errorstat_${kind}:count=(\\d+)`).exec(stats)?.[1] ?? 0);
}

async function run(storage: Storage): Promise<number> {
  const server = announcement();
  await storage.announce(server);
  const { incarnation } = server;
  return (await storage.claim({ incarnation, entry: PROCESSING, queues: ["default"], slots: 9, buffer: 0 }))
    .length;
}

function listen(storage: Storage): Signal["kind"][] {
  const heard: Signal["kind"][] = [];
  storage.subscribe(({ kind }) => heard.push(kind));
  return heard;
}
