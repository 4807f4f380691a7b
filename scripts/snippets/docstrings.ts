import ts from "typescript-5.9";
import { parse } from "../source-tree.ts";

/**
 * The docstrings of a source file as a document: every line stays on its line and in its column, the code between
 * the docstrings is blank. So what holds for documents holds for `@example`, error positions included.
 */
export function docstringsAsDocument(source: string): string {
  const lines = source.split("\n").map(() => "");
  for (const { start, end } of docstrings(source)) {
    const first = source.slice(0, start).split("\n").length - 1;
    const inside = source.slice(start, end).replace(/\*\/$/, "").split("\n");
    inside.forEach((line, index) => {
      lines[first + index] = line.replace(/^\s*(?:\/\*\*|\*)? ?/, (margin) => " ".repeat(margin.length));
    });
  }
  return lines.join("\n");
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The compiler's own scanner: a "/**" inside a text or a regular expression is no docstring. */
function docstrings(source: string): Span[] {
  const spans = new Map<number, Span>();
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(source, node.pos) ?? []) {
      if (source.startsWith("/**", range.pos)) spans.set(range.pos, { start: range.pos, end: range.end });
    }
    ts.forEachChild(node, visit);
  };
  visit(parse("source.ts", source));
  return [...spans.values()].sort((a, b) => a.start - b.start);
}
