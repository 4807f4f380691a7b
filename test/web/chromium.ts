import { execFileSync } from "node:child_process";
import { findProgram, isProgram } from "../servers/find-program.ts";

/** Names the browser where it is set: nothing else is tried then. */
export const CHROMIUM_VARIABLE = "CHROMIUM_PATH";
/** As Debian and its kin, and Google, call it. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DEBIAN_PACKAGE = "chromium";

/** The browser of the tests, and in words for people where it is from; undefined: there is none, and how to get it. */
export interface ProvidedBrowser {
  readonly program: string | undefined;
  readonly note: string;
}

/** What is asked of the machine, so that the decision can be tested without it. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the first of these programs is that there are. */
  readonly find: (names: readonly string[]) => string | undefined;
  /** Whether there is a program at this path. */
  readonly isProgram: (path: string) => boolean;
  readonly isRoot: boolean;
  /** Installs a package by this apt-get. Throws when it could not. */
  readonly install: (aptGet: string, packageName: string) => void;
}

/** The browser that the environment names, else one that is installed, else (Debian, as root) one that is installed now. */
export function provideChromium(machine: Machine = THIS_MACHINE): ProvidedBrowser {
  const named = machine.env[CHROMIUM_VARIABLE];
  if (named !== undefined) return namedOne(named, machine);
  const found = machine.find(PROGRAMS);
  if (found !== undefined) return { program: found, note: `Chromium: ${found}` };
  const aptGet = machine.isRoot ? machine.find(["apt-get"]) : undefined;
  if (aptGet === undefined) return missing("none is installed");
  try {
    machine.install(aptGet, DEBIAN_PACKAGE);
  } catch {
    return missing(`apt-get could not install ${DEBIAN_PACKAGE}`);
  }
  const installed = machine.find(PROGRAMS);
  if (installed === undefined) return missing(`${DEBIAN_PACKAGE} was installed, and brought no browser`);
  return { program: installed, note: `Chromium: ${installed}, installed for the tests` };
}

/** A slip in the name must not end as another browser. */
function namedOne(named: string, machine: Machine): ProvidedBrowser {
  if (machine.isProgram(named))
    return { program: named, note: `Chromium: the one that ${CHROMIUM_VARIABLE} names` };
  return missing(`${CHROMIUM_VARIABLE} names ${named}, which is no program`);
}

function missing(why: string): ProvidedBrowser {
  const ways = `set ${CHROMIUM_VARIABLE} to the path of one, or run "apt-get install ${DEBIAN_PACKAGE}"`;
  return {
    program: undefined,
    note: `missing: Chromium, without which the page is not tested: ${why}; ${ways}`,
  };
}

const THIS_MACHINE: Machine = {
  env: process.env,
  find: (names) => findProgram(names),
  isProgram,
  isRoot: process.getuid?.() === 0,
  install: (aptGet, packageName) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    execFileSync(aptGet, ["update"], { stdio: "ignore", env });
    const args = ["install", "--yes", "--no-install-recommends", packageName];
    execFileSync(aptGet, args, { stdio: "ignore", env });
  },
};
