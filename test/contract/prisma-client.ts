import { getPrismaClient } from "@prisma/client/runtime/client";

/** These two have no types. */
const COMPILER = "@prisma/client/runtime/query_compiler_fast_bg.postgresql";

/**
 * Prisma's client for a schema without models, as `prisma generate` would write it: statements in SQL and transactions
 * are all that is asked of it, and so the tests need neither its command line nor generated code.
 */
export const PrismaClient = getPrismaClient({
  clientVersion: "7",
  engineVersion: "7",
  activeProvider: "postgresql",
  previewFeatures: [],
  inlineSchema: 'datasource db {\n  provider = "postgresql"\n}\n',
  runtimeDataModel: { models: {}, enums: {}, types: {} },
  parameterizationSchema: { strings: [], graph: Buffer.alloc(4).toString("base64") },
  compilerWasm: {
    importName: "./query_compiler_fast_bg.js",
    getRuntime: () => import(`${COMPILER}.mjs`),
    async getQueryCompilerWasmModule() {
      const { wasm } = await import(`${COMPILER}.wasm-base64.mjs`);
      const { Module } = Reflect.get(globalThis, "WebAssembly");
      return new Module(Buffer.from(wasm, "base64"));
    },
  },
});
