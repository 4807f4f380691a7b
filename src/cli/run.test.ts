import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { run } from "./run.ts";
import { Terminal } from "./terminal.ts";

/** Any file that is there: nothing of what follows opens it. */
const FILE = fileURLToPath(import.meta.url);

async function called(args: readonly string[], env: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = new Terminal({
    env,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  const code = await run(args, terminal);
  return { code, out: out.join(""), err: err.join("") };
}

describe("what was asked for goes to the output", () => {
  it.each([["--help"], ["-h"], ["help"]])("%s", async (arg) => {
    const { code, out, err } = await called([arg]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("dashboard");
  });

  it.each([[["dashboard", "--help"]], [["dashboard", "-h"]], [["help", "dashboard"]]])("%j", async (args) => {
    const { code, out, err } = await called(args);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("--base-path");
  });

  it.each([["--version"], ["-v"]])("%s", async (arg) => {
    expect(await called([arg])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });
});

it("nothing is answered by the help, as an error", async () => {
  const { code, out, err } = await called([]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("firelater <command>");
});

describe("what is called in a wrong way", () => {
  it.each([
    [["dashbord"], 'There is no command "dashbord". Did you mean "dashboard"?'],
    [["--storage", FILE], "The command comes first"],
    [["dashboard"], "There is no storage to look at."],
    [["dashboard", "--storge", FILE], 'There is no option "--storge". Did you mean "--storage"?'],
    [["dashboard", "--storage", FILE, "--port", "http"], '"http" is no port.'],
    [["dashboard", "--storage", FILE, "--port", "65536"], '"65536" is no port.'],
    [["dashboard", "--storage", FILE, "--schema", "x"], "--schema is for PostgreSQL alone."],
    [["dashboard", "--storage", FILE, "--prefix", "x"], "--prefix is for Redis alone."],
    [["dashboard", "--storage", FILE, "--host", "0.0.0.0"], "FL_DASHBOARD_UNPROTECTED"],
    [["dashboard", "--storage", "postgre://h/db"], 'Did you mean "postgres"?'],
    [["dashboard", "--storage", "mysql://u:s3cret-word@h"], "names no database"],
    [["dashboard", "--storage", "postgres://h/db", "--schema", "A-B"], "FL_INVALID_SCHEMA"],
    [["dashboard", "--storage", FILE, "--base-path", "/a b"], "basePath"],
    [["dashboard", "postgres://u:s3cret-word@h/db"], "a word that belongs to no option"],
    [["postgres://u:s3cret-word@h/db"], "The first word is no command."],
    [["dashboard", "--storage", "u:s3cret-word@h/db"], "does not say of which kind"],
  ])("%j is told so, with code 2, and no password repeated", async (args, words) => {
    const { code, out, err } = await called(args);
    expect(err).toContain(words);
    expect(err).toMatch(/\(FL_[A-Z_]+\)\n$/);
    expect(err).not.toContain("s3cret-word");
    expect([code, out]).toEqual([2, ""]);
  });

  it("a variable that is set and empty opens nothing", async () => {
    for (const name of ["FIRELATER_DASHBOARD_PASSWORD", "FIRELATER_DASHBOARD_USER"]) {
      const { code, err } = await called(["dashboard", "--storage", FILE], { [name]: "" });
      expect(err).toContain(`${name} is set, and empty`);
      expect(code).toBe(2);
    }
    const alone = await called(["dashboard", "--storage", FILE], { FIRELATER_DASHBOARD_USER: "ada" });
    expect(alone.err).toContain("without a password");
  });
});

it("a defect shows its stack, and is told to be one", async () => {
  const broken = {
    name: "broken",
    summary: "",
    usage: "",
    options: [],
    more: [],
    run: () => Promise.reject(new TypeError("oh")),
  };
  const err: string[] = [];
  const terminal = new Terminal({ env: {}, out: () => {}, err: (text) => void err.push(text) });
  expect(await run(["broken"], terminal, [broken])).toBe(1);
  expect(err.join("")).toMatch(/defect of Firelater.*TypeError: oh\n {4}at /s);
});
