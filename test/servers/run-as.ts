import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync } from "node:fs";

/** The user under which a database runs: most refuse to run as root. Undefined: as whoever runs the tests. */
export type Runner = string | undefined;

/** Which of these users is to run it; only root can choose. */
export function runnerOf(users: readonly string[]): Runner {
  return process.getuid?.() === 0 ? users.find(exists) : undefined;
}

/** Gives a folder to that user. */
export function giveTo(runner: Runner, folder: string): void {
  if (runner === undefined) return;
  const [uid, gid] = [idOf("-u", runner), idOf("-g", runner)];
  chownSync(folder, uid, gid);
}

export function run(runner: Runner, program: string, args: readonly string[]): void {
  const [file, ...rest] = commandOf(runner, program, args);
  execFileSync(file, rest, { stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
}

export function start(runner: Runner, program: string, args: readonly string[]): ChildProcess {
  const [file, ...rest] = commandOf(runner, program, args);
  return spawn(file, rest, { stdio: "ignore", cwd: "/" });
}

function commandOf(runner: Runner, program: string, args: readonly string[]): [string, ...string[]] {
  if (runner === undefined) return [program, ...args];
  // Not through runuser's own child: what is killed later must be the server itself.
  return ["setpriv", "--reuid", runner, "--regid", runner, "--clear-groups", program, ...args];
}

function exists(user: string): boolean {
  try {
    idOf("-u", user);
    return true;
  } catch {
    return false;
  }
}

function idOf(flag: "-u" | "-g", user: string): number {
  return Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
}
