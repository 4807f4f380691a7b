import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import type { ServerKind } from "./server-kind.ts";

/** A server for tests: where it is, in words for people, and how to be rid of it. */
export interface ProvidedServer {
  /** Undefined: there is none, and `note` says what is missing and how to get it. */
  readonly url: string | undefined;
  readonly note: string;
  readonly stop?: () => Promise<void>;
}

const START_MS = 60_000;

/**
 * Finds a server: the one that the environment names, else the one at the default place, else a private one from an
 * installed program, else (Debian, as root) one that is installed for it. What it did not make it does not touch.
 */
export async function provideServer(kind: ServerKind): Promise<ProvidedServer> {
  const { label, variable, defaultUrl } = kind;
  const named = process.env[variable];
  if (named !== undefined) return { url: named, note: `${label}: the one that ${variable} names` };
  if (await kind.answers(defaultUrl))
    return { url: defaultUrl, note: `${label}: the one at ${new URL(defaultUrl).host}` };
  const program = kind.find() ?? install(kind);
  return program === undefined ? missing(kind) : startPrivate(kind, program);
}

function install({ debianPackage, find }: ServerKind): string | undefined {
  const aptGet = findProgram(["apt-get"]);
  if (aptGet === undefined || process.getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync(aptGet, ["update"], { stdio: "ignore", env });
    // Not started by the package: a private one is.
    const args = ["install", "--yes", "--no-install-recommends", debianPackage];
    execFileSync(aptGet, args, { stdio: "ignore", env: { ...env, RUNLEVEL: "1" } });
  } catch {
    return undefined;
  }
  return find();
}

function missing({ label, variable, debianPackage, name, defaultUrl }: ServerKind): ProvidedServer {
  const ways = `set ${variable}, or install ${debianPackage}, or run "docker compose up --wait ${name}"`;
  return {
    url: undefined,
    note: `missing: ${label}: none at ${new URL(defaultUrl).host} and none installed; ${ways}`,
  };
}

async function startPrivate(kind: ServerKind, program: string): Promise<ProvidedServer> {
  const folder = mkdtempSync(join(tmpdir(), `firelater-${kind.name}-`));
  const server = await kind.start(program, folder, await freePort());
  const stop = async () => {
    await end(server.process, kind.stopSignal);
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = performance.now() + START_MS;
  while (!(await kind.answers(server.url))) {
    if (server.process.exitCode !== null || performance.now() > deadline) {
      await stop();
      return { url: undefined, note: `${kind.label}: ${program} did not start` };
    }
    await delay(50);
  }
  return { url: server.url, note: `${kind.label}: a private one (${program})`, stop };
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  server.kill(signal);
  const hard = setTimeout(() => server.kill("SIGKILL"), 10_000);
  await exited;
  clearTimeout(hard);
}
