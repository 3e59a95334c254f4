import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterEach, expect, it } from "vitest";
import { frame } from "../embedded/wire-message.ts";
import { startWireServer, type WireServer } from "../embedded/wire-server.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { type Connection, connect } from "./database.ts";

let server: WireServer | null = null;
let connection: Connection | null = null;
afterEach(async () => {
  await connection?.close(new ManualClock());
  await server?.close();
});

/** A database that answers each statement, but cuts the connection that sends one of `dying`. */
async function over(dying: Set<string>, seen: string[] = []) {
  const exchange = async (message: Buffer): Promise<Uint8Array> => {
    const statement = message.toString("utf8", 5, message.length - 1).trim();
    seen.push(statement);
    if (dying.has(statement)) throw new Error("gone");
    const status = statement === "commit" || statement === "rollback" ? "I" : "T";
    return Buffer.concat([frame("C", Buffer.from(`${statement}\0`)), frame("Z", Buffer.from(status))]);
  };
  const password = randomBytes(8).toString("hex");
  server = await startWireServer({ password, session: { serverVersion: "17", exchange, rollBack: async () => undefined } });
  connection = connect({ kind: "local", port: server.port, password }, () => undefined);
  return connection;
}

it.each(["begin", "do it", "commit"])("gives the connection back where the database dies at %j", async (statement) => {
  const dying = new Set([statement]);
  const { database, pool } = await over(dying);
  const work = () => database.transaction((tx) => tx.execute(sql.raw("do it")));
  // More often than there are connections.
  for (let round = 0; round < 6; round++) await expect(work()).rejects.toThrow();
  expect([pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0]);
  dying.clear();
  await work();
});

it("lets nobody into what another has left open", async () => {
  const seen: string[] = [];
  const { database, pool } = await over(new Set(["rollback"]), seen);
  const thrown = new Error("no");
  await expect(database.transaction(() => Promise.reject(thrown))).rejects.toThrow();
  await expect.poll(() => pool.totalCount).toBe(0);
  expect(seen).toEqual(["begin", "rollback"]);
});
