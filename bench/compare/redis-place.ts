import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import type { Figures } from "../harness/benchmark.ts";
import { makeScratch } from "../harness/scratch.ts";
import type { Place } from "./contender.ts";

/** A server of its own for each sample: nothing of another is in its memory, its log or its counters. */
export async function openRedisPlace(durability: string): Promise<Place> {
  const scratch = makeScratch();
  const port = await freePort();
  const aof =
    durability === "no AOF" ? ["--appendonly", "no"] : ["--appendonly", "yes", "--appendfsync", durability];
  const server = spawn(
    "redis-server",
    ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", scratch.folder, ...aof],
    { stdio: "ignore" },
  );
  const ended = once(server, "exit");
  process.once("exit", () => server.kill("SIGKILL"));
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: 200 });
  client.on("error", () => {});
  await client.ping();
  return {
    url,
    read: () => totalsOf(client),
    readOpen: async () => ({}),
    async [Symbol.asyncDispose]() {
      client.disconnect();
      server.kill("SIGKILL");
      await ended;
      scratch[Symbol.dispose]();
    },
  };
}

/** Commands are counted inside scripts as well; `scripts/job` are calls of scripts. */
async function totalsOf(client: Redis): Promise<Figures> {
  const stats = [...(await client.info("commandstats")).matchAll(/cmdstat_(\S+?):calls=(\d+)/g)];
  const calls = (wanted: RegExp) =>
    stats.reduce((sum, [, name = "", count]) => sum + (wanted.test(name) ? Number(count) : 0), 0);
  const cpu = [...(await client.info("cpu")).matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)];
  const memory = /used_memory:(\d+)/.exec(await client.info("memory"));
  return {
    "scripts/job": calls(/^(evalsha|eval|fcall)/),
    "commands/job": calls(/./),
    "server CPU µs/job": cpu.reduce((sum, [, seconds]) => sum + Number(seconds) * 1e6, 0),
    "server memory B/job": Number(memory?.[1]),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
