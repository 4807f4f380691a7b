import { describe, expect, it } from "vitest";
import { CHROMIUM_VARIABLE, type Machine, provideChromium } from "./chromium.ts";

const APT = "/usr/bin/apt-get";

/** A machine with these programs on its PATH; what it is told to install comes to `installed`. */
function machine(programs: readonly string[], parts: Partial<Machine> = {}) {
  const present = new Set(programs);
  const installed: string[] = [];
  const asked: Machine = {
    env: {},
    find: (names) => [...present].find((path) => names.includes(path.slice(path.lastIndexOf("/") + 1))),
    isProgram: (path) => present.has(path),
    isRoot: false,
    install: (_, packageName) => {
      installed.push(packageName);
      present.add(`/usr/bin/${packageName}`);
    },
    ...parts,
  };
  return { asked, installed };
}

describe("the browser of the tests", () => {
  it("is the one that the environment names, whatever else there is", () => {
    const env = { [CHROMIUM_VARIABLE]: "/opt/chrome" };
    const { asked } = machine(["/usr/bin/chromium", "/opt/chrome"], { env });
    expect(provideChromium(asked).program).toBe("/opt/chrome");
  });

  it("is no other one when that is no program", () => {
    const env = { [CHROMIUM_VARIABLE]: "/opt/chrmoe" };
    const { asked, installed } = machine(["/usr/bin/chromium", APT], { env, isRoot: true });
    const { program, note } = provideChromium(asked);
    expect(program).toBeUndefined();
    expect(note).toMatch(/^missing: .*CHROMIUM_PATH names \/opt\/chrmoe.*$/);
    expect(installed).toEqual([]);
  });

  it("is one that is installed, and nothing is installed then", () => {
    const { asked, installed } = machine(["/usr/bin/google-chrome", APT], { isRoot: true });
    expect(provideChromium(asked).program).toBe("/usr/bin/google-chrome");
    expect(installed).toEqual([]);
  });

  it("is installed where there is apt-get and the right to use it", () => {
    const { asked, installed } = machine([APT], { isRoot: true });
    expect(provideChromium(asked)).toMatchObject({ program: "/usr/bin/chromium" });
    expect(installed).toEqual(["chromium"]);
  });

  it.each<[string, string[], Partial<Machine>]>([
    ["somebody else than root", [APT], {}],
    ["no apt-get", [], { isRoot: true }],
    [
      "no network",
      [APT],
      {
        isRoot: true,
        install: () => {
          throw new Error("no network");
        },
      },
    ],
    ["a package without the program", [APT], { isRoot: true, install: () => {} }],
  ])("with %s is missing, which one line says, and how to get it", (_, programs, parts) => {
    const { program, note } = provideChromium(machine(programs, parts).asked);
    expect(program).toBeUndefined();
    expect(note).toMatch(/^missing: Chromium, .*CHROMIUM_PATH.*apt-get install chromium.*$/);
  });
});
