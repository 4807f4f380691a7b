import { Redis } from "ioredis";
import { findProgram } from "./find-program.ts";
import { start } from "./run-as.ts";
import type { ServerKind } from "./server-kind.ts";

export const redisServer: ServerKind = {
  name: "redis",
  label: "Redis",
  variable: "REDIS_URL",
  defaultUrl: "redis://127.0.0.1:6379",
  debianPackage: "redis-server",
  stopSignal: "SIGTERM",

  async answers(url) {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.ping()) === "PONG";
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  },

  find: () => findProgram(["redis-server", "valkey-server"]),

  async start(program, folder, port) {
    const args = [
      "--bind",
      "127.0.0.1",
      "--port",
      String(port),
      "--dir",
      folder,
      "--save",
      "",
      "--appendonly",
      "yes",
    ];
    return { url: `redis://127.0.0.1:${port}`, process: start(undefined, program, args) };
  },
};
