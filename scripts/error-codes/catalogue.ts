import type { Problem } from "../problem.ts";
import type { CodeUse, Unmended } from "./find-codes.ts";

export interface Document {
  readonly file: string;
  readonly text: string;
}

interface Entry {
  readonly code: string;
  readonly line: number;
  readonly body: string;
}

/** What is wrong between the codes that the sources use and the entries that the catalogue has. */
export function judgeCatalogue(uses: readonly CodeUse[], { file, text }: Document): Problem[] {
  const entries = readEntries(text);
  return [
    ...undocumented(uses, entries, file),
    ...unused(uses, entries, file),
    ...repeated(entries, file),
    ...shared(uses),
    ...unnamed(uses, entries, file),
  ];
}

/** Every error tells its reader what to do about it. */
export function judgeMends(unmended: readonly Unmended[]): Problem[] {
  const message = "an error is made without `mend`: tell the reader what to do about it";
  return unmended.map(({ file, line }) => ({ file, line, rule: "mend", message }));
}

/** An entry is a heading that is a code and nothing else: `### FL_SOMETHING`. */
function readEntries(text: string): Entry[] {
  const lines = text.split("\n");
  const headings = lines.flatMap((line, index) => {
    const code = /^#{2,6}\s+`?(FL_[A-Z0-9_]+)`?\s*$/.exec(line)?.[1];
    return code === undefined ? [] : [{ code, line: index + 1 }];
  });
  return headings.map(({ code, line }) => {
    const after = lines.slice(line);
    const end = after.findIndex((text) => /^#{1,6}\s/.test(text));
    return { code, line, body: after.slice(0, end === -1 ? undefined : end).join("\n") };
  });
}

function undocumented(uses: readonly CodeUse[], entries: readonly Entry[], catalogue: string): Problem[] {
  const known = new Set(entries.map(({ code }) => code));
  return firstOfEach(uses.filter(({ code }) => !known.has(code))).map(({ code, file, line }) => ({
    file,
    line,
    rule: "undocumented",
    message: `${code} is not in ${catalogue}: add a heading "### ${code}"`,
  }));
}

function unused(uses: readonly CodeUse[], entries: readonly Entry[], file: string): Problem[] {
  const used = new Set(uses.map(({ code }) => code));
  const stale = entries.filter(({ code }) => !used.has(code));
  return stale.map(({ code, line }) => ({
    file,
    line,
    rule: "unused",
    message: `${code} is written nowhere in src`,
  }));
}

function repeated(entries: readonly Entry[], file: string): Problem[] {
  const again = entries.filter(
    ({ code }, index) => entries.findIndex((other) => other.code === code) < index,
  );
  return again.map(({ code, line }) => ({
    file,
    line,
    rule: "repeated",
    message: `${code} has an entry above already`,
  }));
}

/** One code, one class: readers test either, and both must mean the same. */
function shared(uses: readonly CodeUse[]): Problem[] {
  return uses.flatMap(({ code, file, line, thrownAs }) => {
    const first = classOf(code, uses);
    if (thrownAs === undefined || thrownAs === first) return [];
    return [
      { file, line, rule: "class", message: `${code} is thrown as ${thrownAs} here, as ${first} elsewhere` },
    ];
  });
}

function unnamed(uses: readonly CodeUse[], entries: readonly Entry[], file: string): Problem[] {
  return entries.flatMap(({ code, line, body }) => {
    const thrownAs = classOf(code, uses);
    if (thrownAs === undefined || body.includes(`\`${thrownAs}\``)) return [];
    return [
      {
        file,
        line,
        rule: "unnamed",
        message: `the entry of ${code} does not name its class \`${thrownAs}\``,
      },
    ];
  });
}

function classOf(code: string, uses: readonly CodeUse[]): string | undefined {
  return uses.find((use) => use.code === code && use.thrownAs !== undefined)?.thrownAs;
}

function firstOfEach(uses: readonly CodeUse[]): CodeUse[] {
  return uses.filter(({ code }, index) => uses.findIndex((other) => other.code === code) === index);
}
