import type { Command } from "../command.ts";
import { FIRST_PORT } from "./listen.ts";
import { PASSWORD_VARIABLE, USER_VARIABLE } from "./login.ts";
import { serveDashboard } from "./serve-dashboard.ts";
import { readSettings, STORAGE_VARIABLE } from "./settings.ts";

/** `firelater dashboard`. */
export const dashboardCommand: Command = {
  name: "dashboard",
  summary: "Serves the dashboard of a storage, beside the application or without it.",
  usage: "--storage <address> [options]",
  options: [
    {
      name: "storage",
      value: "<address>",
      says: "postgres://…, mysql://…, mariadb://…, redis://…, rediss://…, sqlite:./jobs.db, or the path of a file. It is opened as it is: nothing is made and nothing migrated.",
    },
    { name: "schema", value: "<name>", says: 'PostgreSQL: the schema of the jobs; default "firelater".' },
    { name: "prefix", value: "<text>", says: 'Redis: the prefix of the jobs; default "firelater".' },
    {
      name: "port",
      value: "<number>",
      says: `Default ${FIRST_PORT}, or the next one that is free. 0: any that is free.`,
    },
    {
      name: "host",
      value: "<name>",
      says: "Where to listen; default 127.0.0.1, this machine alone. Anything else needs a password.",
    },
    { name: "base-path", value: "<path>", says: "The path at which browsers see it, behind a proxy." },
    { name: "read-only", says: "Nothing can be changed." },
    { name: "environment", value: "<name>", says: 'Shown on every page, such as "production".' },
  ],
  more: [
    {
      title: "Environment",
      lines: [
        [STORAGE_VARIABLE, "Stands for --storage; the list of processes shows no password then."],
        [PASSWORD_VARIABLE, "Is asked for, by HTTP Basic, wherever it listens."],
        [USER_VARIABLE, "The user who goes with it; else anybody may say who they are."],
      ],
    },
    {
      title: "Without the application's code",
      text: "Everything is seen and steered, but what is changed job by job asks none of the application's filters, and a replay is checked by none of its schemas. Operations are done by its servers, and ask theirs.",
    },
    {
      title: "Examples",
      lines: [
        ["firelater dashboard --storage jobs.db", ""],
        ["FIRELATER_STORAGE=postgres://… firelater dashboard --read-only", ""],
      ],
    },
  ],
  run: (given, terminal) => serveDashboard(readSettings(given, terminal), terminal),
};
