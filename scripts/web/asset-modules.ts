import { extname } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml; charset=utf-8",
};

/** One file of the built page: its path below the base path, and its content. */
export interface BuiltFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * The built page as modules: bundlers and single-file executables lose files that are read by a path, but no module.
 * `assets.ts` names them all and loads none. The keys are paths below `src/dashboard`.
 */
export function assetModules(page: string, files: readonly BuiltFile[]): Map<string, string> {
  const named = files.map((file, at) => ({ ...file, module: `${moduleName(file.path)}-${at}` }));
  const modules = new Map(
    named.map(({ module, content }) => [`assets/${module}.ts`, source(compress(content))]),
  );
  return modules.set("assets.ts", indexModule(page, named));
}

function indexModule(
  page: string,
  files: readonly { readonly path: string; readonly module: string }[],
): string {
  const entries = files.map(({ path, module }) => {
    const type = TYPES[extname(path)];
    if (type === undefined)
      throw new Error(`No media type is known for ${path}: add it to asset-modules.ts.`);
    return `  [${JSON.stringify(path)}, { type: ${JSON.stringify(type)}, load: () => import("./assets/${module}.ts") }],\n`;
  });
  return [
    "// Written by `npm run build:web`; what it says is in `assets.d.ts`.\n",
    "export interface Asset {\n  readonly type: string;\n  readonly load: () => Promise<{ readonly default: string }>;\n}\n",
    `export const PAGE: string = ${JSON.stringify(page)};\n`,
    `export const ASSETS: ReadonlyMap<string, Asset> = new Map([\n${entries.join("")}]);\n`,
  ].join("");
}

/** Typed as a text: else its declaration would hold the whole content once more. */
function source(base64: string): string {
  return `const content: string =\n  "${base64}";\nexport default content;\n`;
}

function moduleName(path: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1).replace(/[^A-Za-z0-9]+/g, "-");
  return base.toLowerCase();
}

function compress(content: Uint8Array): string {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return brotliCompressSync(content, { params }).toString("base64");
}
