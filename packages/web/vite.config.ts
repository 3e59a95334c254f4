import { defineConfig } from "vite";

/** The gateway that a development server of vite talks to. */
const GATEWAY = process.env["ARRIERO_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  build: {
    target: "es2023",
    cssTarget: "chrome123",
    // The page's content policy allows no data: URLs for scripts, styles and fonts.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1024,
    manifest: true,
    rolldownOptions: {
      onLog(level, log, report) {
        // "use client" means nothing in a page that has no server's half.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") report(level, log);
      },
    },
  },
  server: { proxy: { "/api": GATEWAY } },
});
