import { dirname, join } from "node:path";
import { createConnection } from "mysql2/promise";
import { findProgram } from "./find-program.ts";
import { giveTo, type Runner, run, runnerOf, start } from "./run-as.ts";
import type { ServerKind } from "./server-kind.ts";

export const mysqlServer: ServerKind = {
  name: "mysql",
  label: "MySQL or MariaDB",
  variable: "MYSQL_URL",
  defaultUrl: "mysql://root@127.0.0.1:3306/",
  debianPackage: "mariadb-server",
  stopSignal: "SIGTERM",

  async answers(url) {
    try {
      const connection = await createConnection({ uri: url, connectTimeout: 2_000 });
      await connection.query("SELECT 1");
      await connection.end();
      return true;
    } catch {
      return false;
    }
  },

  find: () => findProgram(["mariadbd", "mysqld"]),

  async start(program, folder, port) {
    const runner = runnerOf(["mysql", "nobody"]);
    giveTo(runner, folder);
    const data = join(folder, "data");
    initialise(runner, program, data);
    const paths = [
      `--datadir=${data}`,
      `--socket=${join(folder, "socket")}`,
      `--pid-file=${join(folder, "pid")}`,
    ];
    const network = [`--port=${port}`, "--bind-address=127.0.0.1", "--max-connections=200"];
    return {
      url: `mysql://root@127.0.0.1:${port}/`,
      process: start(runner, program, ["--no-defaults", ...paths, ...network]),
    };
  },
};

/** MariaDB makes its tables by a script beside it, MySQL by itself. */
function initialise(runner: Runner, program: string, data: string): void {
  const script = findProgram(["mariadb-install-db"], [join(dirname(program), "mariadb-install-db")]);
  if (program.endsWith("mariadbd") && script !== undefined) {
    run(runner, script, ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal"]);
  } else run(runner, program, ["--no-defaults", `--datadir=${data}`, "--initialize-insecure"]);
}
