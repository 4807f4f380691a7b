import { describe, expect, it } from "vitest";
import { judge } from "./layers.ts";

/** The problems of a small tree as "file:line rule" lines. */
function rulesBroken(files: Record<string, string>): string[] {
  return judge(new Map(Object.entries(files))).map(
    ({ file, line, rule }) => `${file}:${line ?? "-"} ${rule}`,
  );
}

const empty = "export {};\n";

describe("layers", () => {
  it("lets imports point down", () => {
    const files = {
      "src/base/clock.ts": empty,
      "src/storage/record.ts": 'import "../base/clock.ts";\nimport "node:crypto";\n',
      "src/drivers/shared/sql.ts": 'import "../../storage/record.ts";\n',
      "src/drivers/sqlite/storage.ts":
        'import "../shared/sql.ts";\nimport "node:sqlite";\nimport "./claim.ts";\n',
      "src/drivers/sqlite/claim.ts": empty,
      "src/server/server.ts": 'import type { R } from "../storage/record.ts";\n',
      "src/compose.ts": 'import "./server/server.ts";\n',
      "src/static/configure.ts": 'import "../compose.ts";\n',
      "src/index.ts": 'export * from "./static/configure.ts";\n',
    };
    expect(rulesBroken(files)).toEqual([]);
  });

  it.each([
    ["base", "src/storage/x.ts"],
    ["job", "src/states/x.ts"],
    ["storage", "src/job/x.ts"],
    ["states", "src/server/x.ts"],
    ["filters", "src/client/x.ts"],
    ["client", "src/server/x.ts"],
    ["server", "src/client/x.ts"],
    ["recurring", "src/batches/x.ts"],
    ["drivers/sqlite", "src/drivers/postgres/x.ts"],
    ["drivers/redis", "src/job/x.ts"],
    ["drivers/shared", "src/drivers/memory/x.ts"],
    ["testing/contract", "src/server/x.ts"],
    ["testing/contract", "src/testing/x.ts"],
    ["dashboard", "src/drivers/sqlite/x.ts"],
    ["opentelemetry", "src/filters/x.ts"],
    ["filters", "src/opentelemetry/x.ts"],
    ["static", "src/opentelemetry/x.ts"],
  ])("refuses %s importing %s", (layer, target) => {
    const up = "../".repeat(layer.split("/").length);
    const files = {
      [`src/${layer}/a.ts`]: `${empty}import "${up}${target.slice(4)}";\n`,
      [target]: empty,
    };
    expect(rulesBroken(files)).toEqual([`src/${layer}/a.ts:2 layer`]);
  });

  it("refuses compose.ts importing a driver, and index.ts importing the dashboard", () => {
    const files = {
      "src/compose.ts": 'import "./drivers/sqlite/x.ts";\n',
      "src/index.ts": 'import "./dashboard/x.ts";\n',
      "src/drivers/sqlite/x.ts": empty,
      "src/dashboard/x.ts": empty,
    };
    expect(rulesBroken(files)).toEqual(["src/compose.ts:1 layer", "src/index.ts:1 layer"]);
  });

  it.each([
    ["a type-only import", 'import type { X } from "../server/x.ts";'],
    ["a re-export", 'export { x } from "../server/x.ts";'],
    ["a dynamic import", 'await import("../server/x.ts");'],
    ["an import type", 'export type X = import("../server/x.ts").X;'],
  ])("counts %s", (_, line) => {
    expect(rulesBroken({ "src/job/a.ts": `${line}\n`, "src/server/x.ts": empty })).toEqual([
      "src/job/a.ts:1 layer",
    ]);
  });

  it("says which rule, where and why", () => {
    const tree = new Map([
      ["src/server/a.ts", 'import "../client/x.ts";\n'],
      ["src/client/x.ts", empty],
    ]);
    expect(judge(tree)[0]?.message).toBe(
      "server must not import client (src/client/x.ts): a server runs jobs; it does not import the client",
    );
  });
});

describe("packages", () => {
  it.each([
    ["src/job/a.ts", "pg"],
    ["src/server/a.ts", "node:sqlite"],
    ["src/drivers/mysql/a.ts", "pg"],
    ["src/drivers/memory/a.ts", "superjson"],
    ["src/testing/contract/a.ts", "vitest"],
    ["src/base/a.ts", "@scope/thing/deep"],
    ["src/index.ts", "@opentelemetry/api"],
  ])("refuses %s importing %s", (file, name) => {
    expect(rulesBroken({ [file]: `import "${name}";\n` })).toEqual([`${file}:1 package`]);
  });

  it("refuses the package's own name, files outside src, missing files and tests", () => {
    const files = {
      "src/job/a.ts":
        'import "firelater";\nimport "../../test/x.ts";\nimport "./gone.ts";\nimport "./b.test.ts";\n',
      "src/job/b.test.ts": empty,
    };
    const rules = ["self", "outside", "missing", "test"];
    expect(rulesBroken(files)).toEqual(rules.map((rule, index) => `src/job/a.ts:${index + 1} ${rule}`));
  });

  it("refuses a folder that has no row", () => {
    expect(rulesBroken({ "src/misc/a.ts": empty })).toEqual(["src/misc/a.ts:- unplaced"]);
  });
});

describe("cycles", () => {
  it("finds a circle, of types too, and tells the shortest way round", () => {
    const files = {
      "src/job/a.ts": 'import type { B } from "./b.ts";\n',
      "src/job/b.ts": 'import "./c.ts";\nimport "./a.ts";\n',
      "src/job/c.ts": 'import "./a.ts";\n',
    };
    const [circle, ...rest] = judge(new Map(Object.entries(files)));
    expect(circle?.message).toContain("src/job/a.ts:1 → src/job/b.ts:2 → src/job/a.ts");
    expect(rest.map(({ rule }) => rule)).toEqual(["cycle"]);
  });

  it("finds a file that imports itself, and a circle through a test", () => {
    const files = {
      "src/job/a.ts": 'import "./a.ts";\n',
      "src/job/b.test.ts": 'import "./c.test.ts";\n',
      "src/job/c.test.ts": 'import "./b.test.ts";\n',
      "scripts/a.ts": 'import type { B } from "./b.ts";\n',
      "scripts/b.ts": 'import "./a.ts";\n',
    };
    const cycles = ["src/job/a.ts:1 cycle", "src/job/b.test.ts:1 cycle", "scripts/a.ts:1 cycle"];
    expect(rulesBroken(files)).toEqual(cycles);
  });

  it("is quiet about diamonds", () => {
    const files = {
      "src/job/a.ts": 'import "./b.ts";\nimport "./c.ts";\n',
      "src/job/b.ts": 'import "./d.ts";\n',
      "src/job/c.ts": 'import "./d.ts";\n',
      "src/job/d.ts": empty,
    };
    expect(rulesBroken(files)).toEqual([]);
  });
});

describe("shape", () => {
  const lines = (count: number) => "export {};\n".repeat(count);

  it("refuses files of 300 lines, tests excepted", () => {
    const files = {
      "src/job/long.ts": lines(300),
      "src/job/fits.ts": lines(299),
      "src/job/long.test.ts": lines(900),
      "test/long.ts": lines(900),
    };
    expect(rulesBroken(files)).toEqual(["src/job/long.ts:- length"]);
  });

  it.each([
    "src/job/utils.ts",
    "scripts/types.ts",
    "test/helpers.ts",
    "src/base/common/a.ts",
    "src/base/utils.test.ts",
  ])("refuses the name %s", (file) => {
    expect(rulesBroken({ [file]: empty })).toEqual([`${file}:- name`]);
  });
});
