import ts from "typescript-5.9";
import { isTest, lineOf, parse, type SourceTree, walk } from "../source-tree.ts";

/** One place in the sources that writes an error code. */
export interface CodeUse {
  readonly code: string;
  readonly file: string;
  readonly line: number;
  /** The class of the error that is made here; undefined where the code is only compared or handed on. */
  readonly thrownAs: string | undefined;
}

/** One place in the sources that makes an error without `mend`. */
export interface Unmended {
  readonly file: string;
  readonly line: number;
}

const CODE = /^FL_[A-Z0-9_]+$/;

export function findCodes(sources: SourceTree): CodeUse[] {
  return shippedNodes(sources).flatMap(({ file, node }) => {
    if (!ts.isStringLiteralLike(node) || !CODE.test(node.text)) return [];
    return [{ code: node.text, file, line: lineOf(node), thrownAs: classThrownWith(node) }];
  });
}

/** The parts of an error are an object with `code` and `what`; what a spread adds to it cannot be known here. */
export function findUnmended(sources: SourceTree): Unmended[] {
  return shippedNodes(sources).flatMap(({ file, node }) => {
    if (!ts.isObjectLiteralExpression(node) || node.properties.some(ts.isSpreadAssignment)) return [];
    const names = node.properties.map(nameOf);
    const made = names.includes("code") && names.includes("what");
    return made && !names.includes("mend") ? [{ file, line: lineOf(node) }] : [];
  });
}

interface Found {
  readonly file: string;
  readonly node: ts.Node;
}

function shippedNodes(sources: SourceTree): Found[] {
  const shipped = [...sources].filter(([path]) => !isTest(path));
  return shipped.flatMap(([file, text]) => [...walk(parse(file, text))].map((node) => ({ file, node })));
}

/** Climbs from the literal to `{ code: <literal>, … }`, also out of `code: full ? "FL_A" : "FL_B"`. */
function classThrownWith(literal: ts.Node): string | undefined {
  let node = literal;
  while (ts.isConditionalExpression(node.parent) && node.parent.condition !== node) node = node.parent;
  const property = node.parent;
  if (!ts.isPropertyAssignment(property) || nameOf(property) !== "code") return undefined;
  return classOf(property.parent);
}

/** `new X({ … })` where it is thrown, or `super({ … })` in the class itself. */
function classOf(parts: ts.ObjectLiteralExpression): string | undefined {
  const { parent } = parts;
  if (ts.isNewExpression(parent))
    return ts.isIdentifier(parent.expression) ? parent.expression.text : undefined;
  if (!ts.isCallExpression(parent) || parent.expression.kind !== ts.SyntaxKind.SuperKeyword) return undefined;
  let node: ts.Node = parent;
  while (!ts.isSourceFile(node) && !ts.isClassLike(node)) node = node.parent;
  return ts.isClassLike(node) ? node.name?.text : undefined;
}

function nameOf(property: ts.ObjectLiteralElementLike): string | undefined {
  return property.name !== undefined && ts.isIdentifier(property.name) ? property.name.text : undefined;
}
