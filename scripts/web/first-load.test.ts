import { describe, expect, it } from "vitest";
import { filesOf, type Manifest } from "./first-load.ts";

const manifest: Manifest = {
  "index.html": { file: "main.js", isEntry: true, imports: ["_shared"], css: ["main.css"] },
  _shared: { file: "shared.js", imports: ["_deep"] },
  _deep: { file: "deep.js", imports: ["_shared"], css: ["deep.css"] },
  "page.tsx": { file: "page.js", imports: ["_shared"] },
  "rare.tsx": { file: "rare.js" },
};

describe("what a first load takes", () => {
  it("is every import of every import, once, with the styles", () => {
    expect(filesOf(manifest, ["index.html", "page.tsx"]).sort()).toEqual(
      ["deep.css", "deep.js", "main.css", "main.js", "page.js", "shared.js"].sort(),
    );
  });

  it("is not what is loaded later", () => {
    expect(filesOf(manifest, ["index.html"])).not.toContain("rare.js");
  });

  it("is not guessed when a page is gone", () => {
    expect(() => filesOf(manifest, ["old-page.tsx"])).toThrow("old-page.tsx");
  });
});
