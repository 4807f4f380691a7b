import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { must, REPO } from "./run.ts";

/** Loads every subpath both ways; throws when one cannot be loaded or offers nothing. */
export async function loadBothWays(
  node: string,
  project: string,
  specifiers: readonly string[],
): Promise<void> {
  const list = JSON.stringify(specifiers);
  const tell = 'if (Object.keys(module).length === 0) throw new Error(name + " offers nothing");';
  writeFileSync(
    join(project, "load.mjs"),
    `for (const name of ${list}) { const module = await import(name); ${tell} }\n`,
  );
  writeFileSync(
    join(project, "load.cjs"),
    `for (const name of ${list}) { const module = require(name); ${tell} }\n`,
  );
  await must(node, ["load.mjs"], project);
  await must(node, ["load.cjs"], project);
}

export interface TypeCheck {
  /** A folder of `node_modules` that holds the compiler. */
  readonly compiler: "typescript" | "typescript-5.9";
  readonly module: "nodenext" | "esnext";
  readonly moduleResolution: "nodenext" | "bundler";
}

/** Compiles a user of every subpath, the package's own declarations included. */
export async function typeCheck(
  project: string,
  specifiers: readonly string[],
  how: TypeCheck,
): Promise<void> {
  const imports = specifiers.map((name, index) => `import * as m${index} from "${name}";`);
  const uses = specifiers.map((_, index) => `m${index}`).join(", ");
  const hello =
    'export const jobs = defineJobs({ console });\nexport const hello = new BackgroundJobClient({ storage: new MemoryStorage(), jobs }).enqueue((j) => j.console.log("Easy!"));';
  const named =
    'import { BackgroundJobClient, defineJobs } from "firelater";\nimport { MemoryStorage } from "firelater/memory";';
  writeFileSync(
    join(project, "use.ts"),
    `${named}\n${imports.join("\n")}\nexport const all = [${uses}];\n${hello}\n`,
  );
  const files = ["use.ts"];
  if (how.moduleResolution === "nodenext") {
    const required = specifiers.map((name, index) => `import m${index} = require("${name}");`);
    writeFileSync(join(project, "use.cts"), `${required.join("\n")}\nexport const all = [${uses}];\n`);
    files.push("use.cts");
  }
  await compile(project, how.compiler, {
    files,
    compilerOptions: { ...STRICT, module: how.module, moduleResolution: how.moduleResolution, noEmit: true },
  });
}

/** Builds TypeScript sources of the project to JavaScript at its root. */
export async function build(project: string, folder: string): Promise<void> {
  await compile(project, "typescript", {
    include: [folder],
    exclude: [],
    compilerOptions: {
      ...STRICT,
      module: "nodenext",
      rewriteRelativeImportExtensions: true,
      erasableSyntaxOnly: true,
      rootDir: folder,
      outDir: ".",
    },
  });
}

/** Strict about our declarations too: what `skipLibCheck` would hide, a user who does not skip would meet. */
const STRICT = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  strict: true,
  skipLibCheck: false,
  types: ["node"],
};

async function compile(project: string, compiler: TypeCheck["compiler"], config: object): Promise<void> {
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
  await must("node", [join(REPO, "node_modules", compiler, "lib/tsc.js"), "-p", "tsconfig.json"], project);
}
