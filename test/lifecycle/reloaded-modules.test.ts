import { cp, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { Child } from "./child.ts";
import type { ReloadedMessage } from "./programs/reloaded.ts";
import { Workbench } from "./workbench.ts";

test("a package that was evaluated twice does not make two servers fetch, and its copies know each other", async () => {
  await using bench = await Workbench.onSqlite();
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const copy = join(dirname(bench.file), "src");
  await cp(join(root, "src"), copy, { recursive: true });
  await symlink(join(root, "node_modules"), join(dirname(bench.file), "node_modules"));
  const program = new URL("./programs/reloaded.ts", import.meta.url);
  await using child = new Child<ReloadedMessage>(program, [bench.file, pathToFileURL(copy).href]);
  const message = await child.hears(() => true);
  expect(message).toMatchObject({
    sameModule: false,
    leases: 1,
    ranBefore: "old who",
    ranAfter: "new who",
    warnings: [expect.stringContaining("default")],
  });
});
