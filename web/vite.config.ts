import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** What the server puts in the place of these is different for each request: see `src/dashboard/assets.ts`. */
const PLACEHOLDERS = { base: "__FIRELATER_BASE__", nonce: "__FIRELATER_NONCE__" };

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that one build is served under any path.
  base: "./",
  plugins: [react(), tailwindcss(), servedByVite()],
  html: { cspNonce: PLACEHOLDERS.nonce },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    manifest: true,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": process.env.DASHBOARD_API ?? "http://127.0.0.1:4567" } },
});

/** Vite's own server has no Firelater behind it: the page is at the root, and no policy is set. */
function servedByVite(): Plugin {
  return {
    name: "firelater-placeholders",
    apply: "serve",
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replace(PLACEHOLDERS.base, "/"),
    },
  };
}
