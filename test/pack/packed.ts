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

/** The package as npm would publish it, and empty projects that installed it. */
export interface Packed {
  readonly tarball: string;
  /** What a user writes to import: `firelater`, `firelater/sqlite`, … */
  readonly specifiers: readonly string[];
  /** Those that need nothing but the package itself. */
  readonly plain: readonly string[];
  /** A copy of a project, for a test that writes into it; with all optional peers where they are wanted. */
  project(name: string, which?: "with peers"): string;
  remove(): void;
}

/** What a subpath needs that the package does not bring. */
export const PEERS: ReadonlyMap<string, string> = new Map([
  ["firelater/mysql", "mysql2"],
  ["firelater/opentelemetry", "@opentelemetry/api"],
  ["firelater/postgres", "pg"],
  ["firelater/redis", "ioredis"],
]);

export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), "firelater-pack-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const tarball = await makeTarball(folder);
    const bare = join(folder, "bare");
    await install(bare, [tarball]);
    const full = join(folder, "full");
    await install(full, [tarball, ...optionalPeers()]);
    const specifiers = specifiersOf(join(bare, "node_modules/firelater/package.json"));
    const plain = specifiers.filter((specifier) => !PEERS.has(specifier));
    const project: Packed["project"] = (name, which) =>
      copyOf(which === undefined ? bare : full, join(folder, name));
    return { tarball, specifiers, plain, project, remove };
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

/** An empty project with these packages. */
async function install(folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "empty", private: true, type: "module" }),
  );
  await must("npm", ["install", "--prefer-offline", ...packages], folder);
  // Users of TypeScript have Node's types; no other types, or a dependency that we forgot would go unseen.
  // A peer may have brought some along: those of this repository are the ones that are checked.
  rmSync(join(folder, "node_modules/@types"), { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules/@types"));
  symlinkSync(join(REPO, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
}

/** What users of some subpaths install beside the package, as this repo has it. */
function optionalPeers(): string[] {
  const {
    peerDependencies,
    devDependencies,
  }: Record<"peerDependencies" | "devDependencies", Record<string, string>> = JSON.parse(
    readFileSync(join(REPO, "package.json"), "utf8"),
  );
  return Object.keys(peerDependencies).map((name) => `${name}@${devDependencies[name]}`);
}

function specifiersOf(packageJson: string): string[] {
  const { exports }: { exports: Record<string, unknown> } = JSON.parse(readFileSync(packageJson, "utf8"));
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== "./package.json");
  return subpaths.map((subpath) => subpath.replace(/^\./, "firelater"));
}
