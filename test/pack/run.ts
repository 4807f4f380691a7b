import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";

export const REPO: string = join(import.meta.dirname, "../..");

/** Runs a program to its end and gives what it printed; when it fails, throws with all of that. */
export function must(program: string, args: readonly string[], folder: string): Promise<string> {
  const path = [join(REPO, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, NO_COLOR: "1" };
  const options = { cwd: folder, env, timeout: 150_000, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`in ${folder}: ${error.message}\n${stdout}${stderr}`));
    });
  });
}
