import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, REPO } from "./run.ts";

/** The package as npm would publish it, and an empty project that installed it. */
export interface Packed {
  readonly tarball: string;
  /** What a user writes to import: `firelater`, `firelater/sqlite`, … */
  readonly specifiers: readonly string[];
  /** A copy of the project, for a test that writes into it. */
  project(name: string): string;
  remove(): void;
}

export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), "firelater-pack-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const tarball = await makeTarball(folder);
    const installed = join(folder, "installed");
    await install(tarball, installed);
    const specifiers = specifiersOf(join(installed, "node_modules/firelater/package.json"));
    const project = (name: string) => copyOf(installed, join(folder, name));
    return { tarball, specifiers, project, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function makeTarball(folder: string): Promise<string> {
  await must("npm", ["pack", "--pack-destination", folder], REPO);
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error("npm pack made no tarball");
  return join(folder, name);
}

function copyOf(project: string, copy: string): string {
  cpSync(project, copy, { recursive: true });
  return copy;
}

async function install(tarball: string, folder: string): Promise<void> {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "empty", private: true, type: "module" }),
  );
  // A user of every subpath has the clients of every engine; npm installs no optional peer by itself.
  await must("npm", ["install", "--prefer-offline", tarball, ...optionalPeers()], folder);
  // Users of TypeScript have Node's types; no other types, or a dependency that we forgot would go unseen.
  // A peer may have brought some along: those of this repository are the ones that are checked.
  rmSync(join(folder, "node_modules/@types"), { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules/@types"));
  symlinkSync(join(REPO, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
}

function optionalPeers(): string[] {
  const manifest: { peerDependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(REPO, "package.json"), "utf8"),
  );
  return Object.entries(manifest.peerDependencies).map(([name, range]) => `${name}@${range}`);
}

function specifiersOf(packageJson: string): string[] {
  const { exports }: { exports: Record<string, unknown> } = JSON.parse(readFileSync(packageJson, "utf8"));
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== "./package.json");
  return subpaths.map((subpath) => subpath.replace(/^\./, "firelater"));
}
