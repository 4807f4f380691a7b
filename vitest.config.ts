import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

/** Storages that need a server; `check` runs without any. */
const SERVERS = "{postgres,redis,mysql}";
/** What the engines with callers' transactions have in common stands once, in files that begin so. */
const ON_SERVERS = "{postgres,redis,mysql,callers}";
/** Beside the other tests of the dashboard, which need no server. */
const DASHBOARD_ON_SERVERS = "test/dashboard/servers.test.ts";

/** `npm run check` runs the first three, `npm test` all. A test file belongs to exactly one. */
export const projects: TestProjectInlineConfiguration[] = [
  project("unit", {
    include: ["{src,scripts,bench,examples,web}/**/*.test.ts", "test/dashboard/**/*.test.ts"],
    exclude: [`src/drivers/${SERVERS}/**`, DASHBOARD_ON_SERVERS],
  }),
  project("contract", {
    include: ["test/contract/**/*.test.ts"],
    exclude: [`test/contract/**/${ON_SERVERS}*`],
  }),
  project("typing", { include: ["test/typing/**/*.test.ts", "test/docs/**/*.test.ts"] }),
  project("servers", {
    include: [
      `src/drivers/${SERVERS}/**/*.test.ts`,
      `test/contract/**/${ON_SERVERS}*.test.ts`,
      DASHBOARD_ON_SERVERS,
    ],
    globalSetup: "test/servers/setup.ts",
  }),
  // On the embedded storages unless TEST_STORAGES names others.
  slow("lifecycle", process.env.TEST_STORAGES === undefined ? undefined : "test/servers/setup.ts"),
  alone("cli", "test/servers/setup.ts"),
  alone("chaos"),
  alone("demo"),
  alone("pack"),
  alone("web", "test/web/setup.ts"),
];

interface Files {
  readonly include: string[];
  readonly exclude?: string[];
  readonly globalSetup?: string;
}

function project(name: string, files: Files): TestProjectInlineConfiguration {
  return { extends: true, test: { name, ...files } };
}

/** These wait for processes, threads and clocks: they get time enough on a slow machine. */
function slow(name: string, globalSetup?: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      ...{ name, include: [`test/${name}/**/*.test.ts`], testTimeout: 180_000, hookTimeout: 180_000 },
      ...(globalSetup === undefined ? {} : { globalSetup }),
    },
  };
}

/** These take both cores, kill processes or measure time: one file at a time. */
function alone(name: string, globalSetup?: string): TestProjectInlineConfiguration {
  const project = slow(name, globalSetup);
  return { ...project, test: { ...project.test, fileParallelism: false } };
}

/**
 * Tests import the package by its own name; the private condition makes that the sources, with no build before. Node
 * is given it too, for the modules that threads load by themselves.
 */
export default defineConfig({
  resolve: { conditions: ["firelater-source"] },
  ssr: { resolve: { conditions: ["firelater-source"] } },
  test: {
    projects,
    pool: "forks",
    execArgv: ["--conditions", "firelater-source"],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
