import { appendFileSync } from "node:fs";
import type { Logger } from "firelater";

/** A logger of one's own: the terminal belongs to the bar, so what the server has to say goes to a file. */
export function createLogFile(file: string): Logger {
  const write =
    (level: string) =>
    (message: string, ...details: unknown[]) =>
      appendFileSync(file, `${[new Date().toISOString(), level, message, ...details].join(" ")}\n`);
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
