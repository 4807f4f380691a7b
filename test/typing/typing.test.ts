import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript-5.9";
import { describe, expect, test } from "vitest";
import { COMPILERS, type Compilation, type Compiler, compile } from "./compilers.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const MINUTES = 180_000; // a compiler on a busy machine of two cores

/** Mistakes that no type can tell; refused.test.ts finds them refused when they run. */
const AT_RUN_TIME = [14, 17, 21, 25, 42, 43];

/** What makes a refusal readable, by the number of the mistake. */
const READABLE: Readonly<Record<number, string>> = {
  1: "Argument of type 'number' is not assignable to parameter of type 'string'",
  2: "Expected 1-2 arguments, but got 0",
  3: "Property 'version' does not exist",
  4: "Did you mean 'welcome'?",
  5: "Property 'mial' does not exist on type 'Recorder<",
  6: "Property 'secret' does not exist on type 'Calls<typeof Reports> & Calls<Reports>'",
  7: "'Promise<JobCall<number>>' but required in type 'JobCall<unknown>'",
  8: "'Promise<void>' but required in type 'JobCall<unknown>'",
  9: "Type 'void' is not assignable to type 'JobCall<unknown>'",
  10: "Type 'false | JobCall<number>' is not assignable to type 'JobCall<unknown>'",
  11: "=> JobCall<number>' is not assignable to type 'JobCall<unknown>'",
  12: "a function or symbol cannot be stored: name a job or pass its data",
  13: "an object with methods cannot be stored: pass its data or its id",
  15: "'Promise<number>' but required in type 'JobCall<unknown>'",
  16: "'JobCall<number>[]' but required in type 'JobCall<unknown>'",
  18: "an object with methods cannot be stored: pass its data or its id",
  19: "Argument of type '5000' is not assignable to parameter of type 'Duration'",
  20: "'\"5 minutes\"' is not assignable to parameter of type 'Duration'",
  22: "Did you mean to write 'welcome'?",
  23: "'mial' does not exist in type 'JobSetOptions<",
  24: "'que' does not exist in type 'JobOptions'",
  26: "provides no match for the signature",
  27: "This expression is not constructable",
  28: 'pass { jobs }, or add: declare module "firelater" { interface Register { jobs: typeof jobs } }',
  29: "is not assignable to parameter of type 'string'",
  30: "Property 'then' does not exist on type 'JobCall<number>'",
  31: "Argument of type 'JobCall<void>' is not assignable to parameter of type 'string'",
  32: "'id' does not exist in type 'SharedOptions",
  33: "Argument of type 'Date' is not assignable to parameter of type 'string'",
  34: "Argument of type 'string' is not assignable to parameter of type 'number'",
  35: "'Promise<JobCall<void>>' but required in type 'JobCall<unknown>'",
  36: "Type 'void' is not assignable to type 'JobCall<unknown>'",
  37: "'JobCall<void>[]' but required in type 'JobCall<unknown>'",
  38: "'timezone' does not exist in type 'RecurringOptions'. Did you mean to write 'timeZone'?",
  39: "'\"skip\"' is not assignable to type 'Misfire | undefined'",
  40: "Expected 3-4 arguments, but got 2",
  41: "Type 'Promise<void>' is not assignable to type 'Call<",
  44: "Index signature for type 'string' is missing",
  45: "'every' does not exist in type 'RecurringDefinition<",
  46: "'\"MONDAY\"' is not assignable to parameter of type 'CronWeekday | undefined'",
  47: "'from' does not exist in type 'RecurringListOptions'",
  48: "'Promise<void>' but required in type 'JobCall<unknown>'",
  49: "'onPreforming' does not exist in type 'JobFilter'. Did you mean to write 'onPerforming'?",
  50: "Type 'boolean' is not assignable to type 'Awaitable<void>'",
  51: "Type 'string' is not assignable to type 'number'",
  52: "Argument of type 'FilteredJob' is not assignable to parameter of type 'string'",
  53: "Property 'then' does not exist on type 'void'",
  54: "Type 'void' is not assignable to type 'Promise<unknown>'",
  55: "Type '\"Processing\"' is not assignable to type",
  56: "Property 'delay' is missing",
  57: "Property 'cancel' does not exist on type 'CreatedContext'",
  58: "Cannot assign to 'queue' because it is a read-only property",
  59: "does not exist in type 'readonly JobFilter[]'",
  60: "Type '\"failed\"' is not assignable to type 'GateCondition | undefined'",
  61: "'max' does not exist in type 'ConcurrencyOptions'",
  62: "Type 'string' is not assignable to type 'number | ConcurrencyOptions | undefined'",
  63: "Argument of type 'number | undefined' is not assignable to parameter of type 'number'",
  64: "Type 'string' is not assignable to type 'readonly string[]'",
  65: "Type '{}' is not assignable to type 'undefined'",
  66: "Type 'number' is not assignable to type 'DatabaseSync'",
  67: "has no properties in common with type 'CallOptions'",
};

describe.each(COMPILERS)("$compiler", (compiler) => {
  test("accepts every right use", { timeout: MINUTES }, async () => {
    const { diagnostics } = await compile(compiler, `${HERE}tsconfig.use.json`);
    expect(diagnostics).toEqual([]);
  });

  test("refuses every mistake on its own line, readably", { timeout: MINUTES }, async () => {
    const refused = byNumber(await compile(compiler, `${HERE}tsconfig.refused.json`));
    const numbers = [...refused.keys()].sort((a, b) => a - b);
    const lines = readFileSync(`${HERE}refused.ts`, "utf8").matchAll(/^\/\* (\d\d) /gm);
    const all = [...lines].map(([, number]) => Number(number));
    expect(numbers).toEqual(all.filter((number) => !AT_RUN_TIME.includes(number)));
    for (const [number, text] of refused) expect(text).toContain(READABLE[number]);
  });

  test("checks 200 jobs with fewer than 40,000 instantiations", { timeout: MINUTES }, async () => {
    const [none, many] = await Promise.all([instantiations(compiler, 0), instantiations(compiler, 200)]);
    expect(many - none).toBeLessThan(40_000);
  });
});

test("go-to-definition of welcome in j.mail.welcome reaches the function", { timeout: MINUTES }, () => {
  const file = `${HERE}use.ts`;
  const place = readFileSync(file, "utf8").indexOf("j.mail.welcome(") + "j.mail.".length;
  const [definition, ...others] = languageService(file).getDefinitionAtPosition(file, place) ?? [];
  expect(others).toEqual([]);
  expect(definition?.fileName).toBe(`${HERE}fixtures.ts`);
  const text = readFileSync(`${HERE}fixtures.ts`, "utf8");
  expect(text.slice(definition?.textSpan.start)).toMatch(/^welcome\(to: string/);
});

/** The refusals by the number that stands before the mistake. */
function byNumber({ diagnostics }: Compilation): Map<number, string> {
  const lines = readFileSync(`${HERE}refused.ts`, "utf8").split("\n");
  const refused = new Map<number, string>();
  for (const { line, text } of diagnostics) {
    const number = Number(/^\/\* (\d\d) /.exec(lines[line - 1] ?? "")?.[1]);
    if (Number.isNaN(number)) throw new Error(`an error where no mistake is: ${text}`);
    refused.set(number, `${refused.get(number) ?? ""}${text}\n`);
  }
  return refused;
}

/** What the compiler counts for a program that registers and enqueues this many jobs. Ours alone: 0 is subtracted. */
async function instantiations(compiler: Compiler, jobs: number): Promise<number> {
  const directory = await mkdtemp(`${HERE}generated-`);
  try {
    await writeFile(`${directory}/program.ts`, programOf(jobs));
    const extended = { extends: "../tsconfig.use.json", files: ["program.ts"] };
    await writeFile(`${directory}/tsconfig.json`, JSON.stringify(extended));
    const { diagnostics, instantiations: count } = await compile(compiler, `${directory}/tsconfig.json`);
    expect(diagnostics).toEqual([]);
    return count;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Groups of ten jobs, each with parameters of its own, options for one of them, and a call of every job. */
function programOf(jobs: number): string {
  const groups = Array.from({ length: jobs / 10 }, (_, group) => `group${group}`);
  const members = Array.from({ length: 10 }, (_, job) => `job${job}`);
  const declared = groups.map((group) => {
    const functions = members.map(
      (job) =>
        `  async ${job}(id: string, o: { ${job}: number; at?: Date }): Promise<"${group}"> { void id; void o; return "${group}"; },`,
    );
    return `const ${group} = {\n${functions.join("\n")}\n};`;
  });
  const calls = groups.flatMap((group) =>
    members.map((job) => `client.enqueue((j) => j.${group}.${job}("x", { ${job}: 1 })),`),
  );
  return `import { BackgroundJobClient, defineJobs, type Storage } from "firelater";
declare const storage: Storage;
${declared.join("\n")}
const jobs = defineJobs({ console, ${groups.join(", ")} }, { ${groups.map((group) => `${group}: { job1: { queue: "q" } }`).join(", ")} });
const client = new BackgroundJobClient({ storage, jobs });
await Promise.all([
${calls.join("\n")}
]);
`;
}

/** TypeScript 5.9's language service over one program of this folder; the editor's view. */
function languageService(file: string): ts.LanguageService {
  const config = ts.readConfigFile(`${HERE}tsconfig.use.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, HERE);
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => {
      const text = ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => HERE,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
}
