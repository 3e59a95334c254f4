import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

/** The gateway that a development server of vite talks to. */
const GATEWAY = process.env["ARRIERO_URL"] ?? "http://127.0.0.1:8080";

/** The library that draws diagrams is a script of the sandboxed frame's, which is no module of the page's. */
const diagrams: Plugin = {
  name: "diagrams",
  apply: "build",
  generateBundle() {
    const source = readFileSync(fileURLToPath(import.meta.resolve("@mermaid-js/tiny")));
    this.emitFile({ type: "asset", fileName: "diagram/mermaid.js", source });
  },
};

export default defineConfig({
  plugins: [diagrams],
  build: {
    target: "es2023",
    cssTarget: "chrome123",
    // The page's content policy allows no data: URLs for scripts, styles and fonts.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1024,
    manifest: true,
    rolldownOptions: {
      output: {
        // One file each for what is always wanted together: two dozen small ones take a browser longer than their bytes.
        codeSplitting: {
          groups: [
            { name: "page", tags: ["$initial"], priority: 2 },
            { name: "markdown", test: /src[\\/]markdown[\\/]markdown-view/, priority: 1 },
          ],
        },
      },
      onLog(level, log, report) {
        // "use client" means nothing in a page that has no server's half.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") report(level, log);
      },
    },
  },
  server: { proxy: { "/api": GATEWAY } },
});
