/**
 * Writes what `compare` measured into docs/benchmarks.md, between its markers: `node bench/tables.ts`. Takes every file
 * in results/, or the files named.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CASES, compare, nameOf } from "./compare.ts";
import type { Group } from "./harness/benchmark.ts";
import { type Summary, spreadOf, summarize } from "./harness/paired.ts";
import { cell, RESULTS, type Report, round } from "./harness/report.ts";

type Measured = Summary & { readonly from: readonly Report[] };

const DOCUMENT = join(import.meta.dirname, "..", "docs", "benchmarks.md");
/** `<!-- compare: postgres drain at 20 -->` … `<!-- end -->`; the whole group's name, or `summary <engine>[, …]`. */
const MARKED = /(<!-- compare: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g;
const COLUMNS = [
  "jobs",
  "jobs/s",
  "p50 ms",
  "p99 ms",
  "CPU µs/job",
  "server CPU µs/job",
  "calls/job",
  "transactions/job",
  "rows written/job",
  "WAL bytes/job",
  "scripts/job",
  "commands/job",
  "server memory B/job",
  "bytes written/job",
  "write calls/job",
  "RSS peak MB",
];
/** With extremes; of the others the median says enough. */
const WITH_SPREAD = new Set(["jobs/s", "p50 ms", "p99 ms"]);

const groups = merged(readReports(process.argv.slice(2)));
const text = readFileSync(DOCUMENT, "utf8");
writeFileSync(
  DOCUMENT,
  text.replace(MARKED, (_, start: string, wanted: string, end: string) => start + filled(wanted) + end),
);

function readReports(named: readonly string[]): Report[] {
  const files = named.length > 0 ? named : readdirSync(RESULTS).map((name) => join(RESULTS, name));
  const reports = files
    .filter((file) => file.endsWith(".json"))
    .map((file): Report => JSON.parse(readFileSync(file, "utf8")));
  return reports.filter(({ benchmark }) => benchmark === "compare").sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Rounds of several reports count together when they are of the commit of the newest: a run may be done in parts. */
function merged(reports: readonly Report[]): ReadonlyMap<string, Measured> {
  const known = compare.groups({ storage: "", jobs: undefined, pairs: 0, seconds: 0, only: "" });
  return new Map(known.flatMap((group) => mergedOne(group, reports) ?? []).map((one) => [one.group, one]));
}

function mergedOne(group: Group, reports: readonly Report[]): Measured | undefined {
  const found = reports.flatMap((from) =>
    from.groups.filter(({ group: name }) => name === group.name).map(({ samples }) => ({ samples, from })),
  );
  const newest = found.at(-1)?.from;
  if (newest === undefined) return undefined;
  const taken = found.filter(({ from }) => from.machine.commit === newest.machine.commit);
  const samples = new Map(
    group.contenders.map(({ name }) => [name, taken.flatMap((one) => one.samples[name] ?? [])]),
  );
  return { ...summarize(group, samples), from: taken.map(({ from }) => from) };
}

function filled(wanted: string): string {
  if (wanted.startsWith("summary ")) return summaryOf(wanted.slice("summary ".length));
  const group = groups.get(wanted);
  return group === undefined ? "Not measured yet.\n" : `${tableOf(group)}\n${sourceOf(group)}\n`;
}

function tableOf({ medians, ratios }: Measured): string {
  const contenders = Object.keys(medians);
  const columns = COLUMNS.filter((column) => contenders.some((one) => medians[one]?.[column] !== undefined));
  const rows = contenders.map((one) => {
    const figures = columns.map((column) => {
      const spread = medians[one]?.[column];
      return WITH_SPREAD.has(column) ? cell(spread) : spread === undefined ? "" : round(spread.median);
    });
    return [one, ...figures, ratiosBeside(ratios, one)];
  });
  return markdown([["", ...columns, "Firelater ÷ this"], ...rows]);
}

function ratiosBeside(ratios: Summary["ratios"], contender: string): string {
  const ofThis = ratios.filter(({ label }) => label.endsWith(` ÷ ${contender}`));
  return ofThis
    .map(({ label, bar, met, ...spread }) => {
      const figure = label.slice(0, label.indexOf(" ÷ "));
      const held = bar === "" ? "" : `, bar ${bar}: ${met ? "met" : "**missed**"}`;
      return `${figure} ${cell(spread)}${held}`;
    })
    .join("<br>");
}

/** Every peer in a row, every group of the engine in a column: the first contender's figure divided by the peer's. */
function summaryOf(engine: string): string {
  const [kind = "", durability] = engine.split(", ");
  const ofEngine = CASES.flatMap(({ title }) => groups.get(nameOf(kind, title, durability)) ?? []);
  const columns = ofEngine.flatMap((group) => {
    const figures = group.group.includes("pick-up") ? ["p50 ms", "p99 ms"] : ["jobs/s"];
    return figures.map((figure) => ({ group, figure }));
  });
  if (columns.length === 0) return "Not measured yet.\n";
  const peers = [...new Set(ofEngine.flatMap(({ medians }) => Object.keys(medians).slice(1)))];
  const title = ({ group, figure }: (typeof columns)[number]): string =>
    `${group.group.slice(kind.length + 1).split(", ")[0]}${figure === "jobs/s" ? "" : ` ${figure.slice(0, 3)}`}`;
  const rows = peers.map((peer) => [
    peer,
    ...columns.map(({ group, figure }) => {
      const ratio = group.ratios.find(({ label }) => label === `${figure} ÷ ${peer}`);
      return ratio === undefined ? "" : `${round(ratio.median)}${ratio.met ? "" : " **missed**"}`;
    }),
  ]);
  return markdown([["Firelater ÷ this", ...columns.map(title)], ...rows]);
}

function sourceOf({ from, samples }: Measured): string {
  const [first] = from;
  if (first === undefined) return "";
  const { commit, node } = first.machine;
  const rounds = Object.values(samples)[0]?.length ?? 0;
  const load = cell(spreadOf(from.map(({ machine }) => machine.load)));
  const fsync = cell(spreadOf(from.map(({ machine }) => machine.fsyncMs.p50)));
  return (
    `${rounds} ${rounds === 1 ? "round" : "rounds"} on ${first.at.slice(0, 10)}, commit ${commit}, Node ${node}, load before the run ${load}, ` +
    `fdatasync of a page p50 ${fsync} ms.\n`
  );
}

function markdown(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows.map((row) => `| ${row.join(" | ")} |`);
  const rule = `|${(rows[0] ?? []).map(() => "---").join("|")}|`;
  return `${[head, rule, ...body].join("\n")}\n`;
}
