import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./cli.ts";
import { build, loadBothWays, type TypeCheck, typeCheck } from "./consumers.ts";
import { NODE_MAJORS, nodeOf } from "./node-versions.ts";
import { type Packed, PEERS, pack } from "./packed.ts";
import { must, REPO } from "./run.ts";
import { runTelemetry } from "./telemetry.ts";
import { runThreads } from "./threaded.ts";

let packed: Packed;

beforeAll(async () => {
  packed = await pack();
});
afterAll(() => packed?.remove());

describe("the tarball", () => {
  it("holds what users need and no tests", async () => {
    const files = (await must("tar", ["-tzf", packed.tarball], REPO)).trim().split("\n");
    for (const name of [
      "package.json",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "dist/index.js",
      "dist/index.d.ts",
    ]) {
      expect(files).toContain(`package/${name}`);
    }
    expect(files.filter((name) => /\.test\.|^package\/(?:test|bench|scripts)\//.test(name))).toEqual([]);
  });

  it("satisfies publint", async () => {
    await must("publint", ["run", packed.tarball, "--strict"], REPO);
  });

  it("satisfies arethetypeswrong for ESM-only packages", async () => {
    await must("attw", [packed.tarball, "--profile", "esm-only", "--format", "ascii"], REPO);
  });
});

describe("types of the installed package", () => {
  const ways: TypeCheck[] = (["typescript-5.9", "typescript"] as const).flatMap((compiler) => [
    { compiler, module: "nodenext", moduleResolution: "nodenext" },
    { compiler, module: "esnext", moduleResolution: "bundler" },
  ]);

  it.each(ways)("resolve under $compiler with $moduleResolution", async (way) => {
    const name = `types-${way.compiler}-${way.moduleResolution}`;
    await typeCheck(packed.project(name, "with peers"), packed.specifiers, way);
    await typeCheck(packed.project(`${name}-plain`), packed.plain, way);
  });
});

describe.each(NODE_MAJORS)("on Node %i", (major) => {
  let node: string;

  beforeAll(async () => {
    node = await nodeOf(major);
  });

  it("import and require load every subpath", async () => {
    await loadBothWays(node, packed.project(`load-${major}`, "with peers"), packed.specifiers);
  });

  it("only the subpaths of an engine or of OpenTelemetry need another package, and say which", async () => {
    const project = packed.project(`load-plain-${major}`);
    await loadBothWays(node, project, packed.plain);
    const rest = packed.specifiers.filter((specifier) => !packed.plain.includes(specifier));
    expect(rest.toSorted()).toEqual([...PEERS.keys()]);
    for (const specifier of rest) {
      await expect(loadBothWays(node, project, [specifier])).rejects.toThrow(PEERS.get(specifier));
    }
  });

  it("the filter of OpenTelemetry, without an SDK, lets jobs pass", async () => {
    await runTelemetry(node, packed.project(`telemetry-${major}`, "with peers"));
  });

  it("npx firelater dashboard serves a store, and says which driver it lacks for another", async () => {
    await runCli(node, packed.project(`cli-${major}`));
  });

  it("a server runs the jobs of a module in threads", async () => {
    await runThreads(node, packed.project(`threads-${major}`));
  });

  it("the demo, built and copied into an empty project, runs over that folder's files", async () => {
    const sources = join(REPO, "examples/demo");
    expect(existsSync(join(sources, "main.ts")), "examples/demo/main.ts is missing").toBe(true);
    const project = packed.project(`demo-${major}`);
    cpSync(sources, join(project, "demo-sources"), { recursive: true });
    await build(project, "demo-sources");
    await must(node, ["main.js", "--once"], project);
  });
});
