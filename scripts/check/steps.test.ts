import { matchesGlob } from "node:path";
import { describe, expect, it } from "vitest";
import { projects } from "../../vitest.config.ts";
import { ROOT, readTree } from "../source-tree.ts";
import { CHECK, SLOW } from "./steps.ts";

const tests = [...readTree(ROOT, ["src", "scripts", "test", "bench", "examples", "web"]).keys()].filter(
  (path) => path.endsWith(".test.ts"),
);

/** The names of the Vitest projects that would run this file. */
function projectsOf(path: string): string[] {
  return projects.flatMap(({ test: { name, include = [], exclude = [] } = {} }) => {
    const matches = (globs: readonly string[]) => globs.some((glob) => matchesGlob(path, glob));
    return typeof name === "string" && matches(include) && !matches(exclude) ? [name] : [];
  });
}

describe("a test that nobody runs proves nothing", () => {
  it.each(tests)("%s belongs to one project", (path) => {
    expect(projectsOf(path)).toHaveLength(1);
  });

  // Vitest itself fails a run without any file; this run has several projects, so an empty one would go unseen.
  it.each(["unit", "contract", "typing"])("the project %s has tests", (name) => {
    expect(tests.filter((path) => projectsOf(path).includes(name))).not.toEqual([]);
  });

  it("each project is run by one step", () => {
    const run = [...CHECK, ...SLOW].flatMap(({ command }) =>
      command.filter((_, at) => command[at - 1] === "--project"),
    );
    expect(run.sort()).toEqual(projects.map(({ test }) => test?.name).sort());
  });
});
