import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { Turns } from "./turns.ts";
import { type SharedSession, serveClient } from "./wire-session.ts";

/** Clients at once: a gateway has four connections, a command one. */
const MOST_CLIENTS = 64;
const GREETING_MS = 10_000;
const IDLE_TRANSACTION_MS = 10_000;

export interface WireServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `session` on a free port of the loopback address, to whoever has the password. */
export async function startWireServer(options: {
  readonly session: SharedSession;
  readonly password: string;
  /** Called at each arrival and leave, with the number of clients there are. */
  onClients?(count: number): void;
}): Promise<WireServer> {
  const clients = new Set<Socket>();
  const turns = new Turns();
  const server = createServer({ noDelay: true }, (socket) => {
    clients.add(socket);
    options.onClients?.(clients.size);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clients.delete(socket);
      options.onClients?.(clients.size);
    });
    // What goes wrong with one client ends its connection and nothing else.
    const { password, session } = options;
    void serveClient(socket, { password, session, turns, greetingMs: GREETING_MS, idleMs: IDLE_TRANSACTION_MS })
      .catch(() => undefined)
      .finally(() => socket.destroySoon());
  });
  server.maxConnections = MOST_CLIENTS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of clients) socket.destroy();
      await closed;
    },
  };
}
