import { tmpdir } from "node:os";
import { Program } from "../docs/program.ts";

const PROGRAM = "src/cli/main.ts";

/** What an empty environment means to the program, whatever that of the tests has. */
const UNSET: NodeJS.ProcessEnv = {
  FIRELATER_STORAGE: undefined,
  FIRELATER_DASHBOARD_PASSWORD: undefined,
  FIRELATER_DASHBOARD_USER: undefined,
};

export interface Started {
  readonly program: Program;
  /** As it was printed, with a slash at its end. */
  readonly url: string;
}

/** Runs the program to its end. */
export async function firelater(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  folder = tmpdir(),
): Promise<{ code: number | string; output: string }> {
  const program = new Program(PROGRAM, folder, args, { ...UNSET, ...env });
  const code = await program.end();
  return { code, output: program.output };
}

/** Starts a dashboard and waits until it says where it is. */
export async function startDashboard(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  folder = tmpdir(),
): Promise<Started> {
  const program = new Program(PROGRAM, folder, ["dashboard", ...args], { ...UNSET, ...env });
  await program.until((output) => urlIn(output) !== undefined);
  return { program, url: urlIn(program.output) ?? "" };
}

function urlIn(output: string): string | undefined {
  return /^ {2}(http:\S+\/)$/m.exec(output)?.[1];
}

/** The header of HTTP Basic. */
export function basic(user: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

/** A change, as the page sends it. */
export function change(body: object = {}): RequestInit {
  const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
  return { method: "POST", body: JSON.stringify(body), headers };
}
