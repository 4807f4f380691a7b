import { brotliDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { assetModules } from "./asset-modules.ts";

const text = (content: string) => new TextEncoder().encode(content);

describe("the built page as modules", () => {
  const modules = assetModules('<base href="__FIRELATER_BASE__">', [
    { path: "assets/main-D3xQ.js", content: text("let a = 1;") },
    { path: "mark.svg", content: text("<svg/>") },
  ]);

  it("has a module for each file, with its content", () => {
    const [, source = ""] = [...modules].find(([path]) => path.startsWith("assets/main-d3xq")) ?? [];
    const [, base64 = ""] = /"(.*)"/.exec(source) ?? [];
    expect(brotliDecompressSync(Buffer.from(base64, "base64")).toString()).toBe("let a = 1;");
  });

  it("names all of them in one, which loads none", () => {
    const index = modules.get("assets.ts") ?? "";
    expect(index).toContain(
      '["assets/main-D3xQ.js", { type: "text/javascript; charset=utf-8", load: () => import("',
    );
    expect(index).toContain('["mark.svg", { type: "image/svg+xml; charset=utf-8"');
    expect(index).not.toMatch(/^import /m);
  });

  it("refuses what the server would not know how to name", () => {
    expect(() => assetModules("", [{ path: "a.wasm", content: text("") }])).toThrow("a.wasm");
  });
});
