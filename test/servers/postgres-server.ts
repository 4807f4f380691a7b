import { dirname, join } from "node:path";
import { Client } from "pg";
import { withUser } from "../../src/drivers/postgres/address.ts";
import { findProgram } from "./find-program.ts";
import { giveTo, run, runnerOf, start } from "./run-as.ts";
import type { ServerKind } from "./server-kind.ts";

export const postgresServer: ServerKind = {
  name: "postgres",
  label: "PostgreSQL",
  variable: "POSTGRES_URL",
  defaultUrl: "postgres://127.0.0.1:5432/test",
  debianPackage: "postgresql",
  stopSignal: "SIGINT",

  async answers(url) {
    const client = new Client({ connectionString: withUser(url), connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("SELECT 1");
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  },

  find: () => findProgram(["postgres"], ["/usr/lib/postgresql/*/bin/postgres"]),

  async start(program, folder, port) {
    const runner = runnerOf(["postgres", "nobody"]);
    giveTo(runner, folder);
    const data = join(folder, "data");
    const initdb = join(dirname(program), "initdb");
    run(runner, initdb, ["-D", data, "-U", "firelater", "-A", "trust", "-E", "UTF8", "--no-sync"]);
    const settings = [
      "listen_addresses=127.0.0.1",
      "max_connections=100",
      `unix_socket_directories=${folder}`,
    ];
    const options = settings.flatMap((setting) => ["-c", setting]);
    const server = start(runner, program, ["-D", data, "-p", String(port), ...options]);
    return { url: `postgres://firelater@127.0.0.1:${port}/postgres`, process: server };
  },
};
