import type { Server } from "node:net";

/** Tells whoever started this process where it listens: one JSON line on stdout. */
export function announce(server: Server): void {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
}
