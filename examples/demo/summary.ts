import { extname } from "node:path";
import type { FileEntry } from "./file-jobs.ts";

interface Row {
  readonly kind: string;
  files: number;
  bytes: number;
  gzipped: number;
}

const HEAD = "kind          files       bytes     gzipped    left";
const KINDS_SHOWN = 8;

/** The report for people: the largest kinds of files, and the sum of all. */
export function summarize(files: readonly FileEntry[]): string {
  const kinds = new Map<string, Row>();
  const all = emptyRow("all");
  for (const file of files) {
    const kind = extname(file.path) || "(none)";
    const row = kinds.get(kind) ?? emptyRow(kind);
    kinds.set(kind, row);
    count(row, file);
    count(all, file);
  }
  const largest = [...kinds.values()].sort((one, other) => other.bytes - one.bytes).slice(0, KINDS_SHOWN);
  return `${[HEAD, ...[...largest, all].map(toLine)].join("\n")}\n`;
}

function emptyRow(kind: string): Row {
  return { kind, files: 0, bytes: 0, gzipped: 0 };
}

function count(row: Row, file: FileEntry): void {
  row.files++;
  row.bytes += file.bytes;
  row.gzipped += file.gzipped;
}

function toLine({ kind, files, bytes, gzipped }: Row): string {
  const left = bytes === 0 ? "" : `${Math.round((100 * gzipped) / bytes)} %`;
  const columns = [
    kind.slice(0, 12).padEnd(12),
    pad(files, 7),
    pad(bytes, 12),
    pad(gzipped, 12),
    pad(left, 8),
  ];
  return columns.join("");
}

function pad(value: number | string, width: number): string {
  return String(value).padStart(width);
}
