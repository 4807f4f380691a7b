import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dropMaps } from "./drop-maps.ts";

it("a folder of data is shipped without maps, and names none", () => {
  const folder = mkdtempSync(join(tmpdir(), "firelater-maps-"));
  try {
    writeFileSync(join(folder, "a.js"), 'export default "x";\n//# sourceMappingURL=a.js.map');
    writeFileSync(join(folder, "a.js.map"), "{}");
    writeFileSync(join(folder, "a.d.ts"), "declare const content: string;\n");
    dropMaps(folder);
    expect(readdirSync(folder)).toEqual(["a.d.ts", "a.js"]);
    expect(readFileSync(join(folder, "a.js"), "utf8")).toBe('export default "x";\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
