import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Turns } from "./turns.ts";
import { frame } from "./wire-message.ts";
import { type SharedSession, serveClient } from "./wire-session.ts";

const PASSWORD = randomBytes(8).toString("hex");
const STARTUP = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0]);
const BEGIN = frame("Q", Buffer.from("begin\0"));
/** Longer than any buffer of a socket, and inside a transaction after it. */
const LONG_ANSWER = Buffer.concat([Buffer.alloc(32 * 1024 * 1024), frame("Z", Buffer.from("T"))]);

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** A client and the side that serves it, with a promise of what it throws in the end. */
async function pair(options: { greetingMs?: number; idleMs?: number; exchange?: (at: Socket) => Promise<Uint8Array> } = {}) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await once(server, "connection")) as [Socket];
  for (const end of [client, socket]) end.on("error", () => undefined);
  open.push({
    close: () => {
      client.destroy();
      socket.destroy();
      server.close();
    },
  });
  const turns = new Turns();
  const rolledBack: true[] = [];
  const session: SharedSession = {
    serverVersion: "17",
    exchange: () => (options.exchange ?? (async () => Buffer.alloc(0)))(socket),
    rollBack: async () => void rolledBack.push(true),
  };
  const { greetingMs = 60_000, idleMs = 60_000 } = options;
  const served = serveClient(socket, { password: PASSWORD, session, turns, greetingMs, idleMs }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { client, rolledBack, served, turns };
}

async function letIn(client: Socket): Promise<void> {
  client.write(STARTUP);
  await once(client, "data");
  client.write(frame("p", Buffer.from(`${PASSWORD}\0`)));
  await once(client, "data");
}

it("gives the turn on when the client goes away while its answer is made", async () => {
  const { client, rolledBack, served, turns } = await pair({
    async exchange(socket) {
      client.resetAndDestroy();
      await once(socket, "close");
      return LONG_ANSWER;
    },
  });
  await letIn(client);
  client.write(BEGIN);
  await served;
  await turns.take();
  expect(rolledBack).toEqual([true]);
});

it("cuts a client that does not read its answer inside a transaction", async () => {
  const { client, rolledBack, served, turns } = await pair({ idleMs: 50, exchange: async () => LONG_ANSWER });
  await letIn(client);
  client.pause();
  client.write(BEGIN);
  await served;
  await turns.take();
  expect(rolledBack).toEqual([true]);
});

it("cuts who does not give the password in time", async () => {
  const { client, served } = await pair({ greetingMs: 50 });
  client.write(STARTUP);
  client.resume();
  await once(client, "close");
  await served;
});

it("takes no long message from who has not given the password", async () => {
  const { client, served } = await pair();
  client.write(STARTUP);
  await once(client, "data");
  const head = Buffer.from("p\0\0\0\0");
  head.writeInt32BE(10_001, 1);
  client.write(head);
  expect(String(await served)).toContain("10001 bytes");
});
