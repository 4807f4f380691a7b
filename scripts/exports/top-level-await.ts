import ts from "typescript-5.9";
import type { Problem } from "../problem.ts";
import { isTest, lineOf, parse, type SourceTree } from "../source-tree.ts";

/** CommonJS applications `require` this package, and Node cannot `require` a module that awaits while it loads. */
export function judgeTopLevelAwait(sources: SourceTree): Problem[] {
  const shipped = [...sources].filter(([path]) => !isTest(path));
  return shipped.flatMap(([file, text]) =>
    [...awaitsOf(parse(file, text))].map((node) => ({
      file,
      line: lineOf(node),
      rule: "require",
      message: 'top-level await: require("firelater") would fail with ERR_REQUIRE_ASYNC_MODULE',
    })),
  );
}

function* awaitsOf(node: ts.Node): Generator<ts.Node> {
  if (ts.isFunctionLike(node)) return;
  if (awaits(node)) yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* awaitsOf(child);
}

function awaits(node: ts.Node): boolean {
  if (ts.isForOfStatement(node)) return node.awaitModifier !== undefined;
  if (ts.isVariableDeclarationList(node))
    return (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing;
  return ts.isAwaitExpression(node);
}
