import { randomBytes } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import { startWireServer, type WireServer } from "../embedded/wire-server.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { connect, unavailable } from "./database.ts";

let server: WireServer | null = null;
afterEach(async () => server?.close());

it("cuts connections whose answer does not come, when all are closed", async () => {
  let asked = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const exchange = () => {
    asked();
    return new Promise<Uint8Array>(() => undefined);
  };
  const password = randomBytes(8).toString("hex");
  server = await startWireServer({ password, session: { serverVersion: "17", exchange, rollBack: async () => undefined } });
  const connection = connect({ kind: "local", port: server.port, password }, () => undefined);
  const query = expect(connection.pool.query("select 1")).rejects.toThrow("terminated");
  await isAsked;
  const clock = new ManualClock();
  const closed = connection.close(clock, 1000);
  clock.advance(1000);
  await Promise.all([query, closed]);
});

it("tells why the driver failed and nothing of the statement", () => {
  const thrown = new Error("Failed query: select $1\nparams: secret", { cause: new Error("connection refused") });
  expect(unavailable(thrown)).toMatchObject({
    code: "store_unavailable",
    message: "The database does not answer: connection refused.",
  });
});
