import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { systemClock } from "@arriero/fleet";
import { afterEach, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { Exchange } from "./exchange.ts";

let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** What a server whose every answer is `answer` writes to a connection on which `sent` came, byte for byte. */
async function written(answer: (exchange: Exchange) => Promise<void>, sent: string): Promise<string> {
  const ids = { request: "r", generation: "g" };
  server = createServer((request, response) => {
    response.sendDate = false;
    void answer(new Exchange({ request, response, ids, limits: GATEWAY_LIMITS, clock: systemClock }));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(sent);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function* frames(...parts: (string | Uint8Array)[]) {
  yield* parts;
}

const GET = (version: string, connection = "close") => `GET / HTTP/${version}\r\nhost: here\r\nconnection: ${connection}\r\n\r\n`;

it("writes each frame as one chunk, its length in bytes, and an empty frame as none", async () => {
  const answer = (exchange: Exchange) =>
    exchange.sendFrames(frames("año\n", "", Buffer.from("llama")), { "content-type": "text/event-stream" });
  const [head = "", body] = (await written(answer, GET("1.1"))).split("\r\n\r\n", 2).map((part) => part.toLowerCase());
  expect(head).toContain("http/1.1 200 ok");
  expect(head.match(/transfer-encoding: chunked/g)).toHaveLength(1);
  expect(head).toContain("x-request-id: r\r\nrequest-id: r");
  expect(body).toBe("5\r\naño\n\r\n5\r\nllama\r\n0");
});

it("answers the next request on the same connection", async () => {
  const answer = (exchange: Exchange) => exchange.sendFrames(frames("one"), {});
  const all = await written(answer, GET("1.1", "keep-alive") + GET("1.1"));
  expect(all.match(/3\r\none\r\n0\r\n\r\n/g)).toHaveLength(2);
});

it("writes bare frames to clients of HTTP/1.0, and where the length is known", async () => {
  const bare = await written((exchange) => exchange.sendFrames(frames("one", "two"), {}), GET("1.0"));
  expect(bare).toMatch(/\r\n\r\nonetwo$/);
  expect(bare).not.toMatch(/chunked/i);
  const known = await written((exchange) => exchange.sendFrames(frames("one", "two"), { "content-length": "6" }), GET("1.1"));
  expect(known).toMatch(/\r\n\r\nonetwo$/);
  expect(known).not.toMatch(/chunked/i);
});

it("has its headers also where no frame comes", async () => {
  const all = await written((exchange) => exchange.sendFrames(frames(), { "content-type": "text/plain" }), GET("1.1"));
  expect(all).toMatch(/content-type: text\/plain/);
  expect(all).toMatch(/\r\n\r\n0\r\n\r\n$/);
});

it("counts a text's bytes, not its letters, and gives HEAD no body", async () => {
  const answer = async (exchange: Exchange) => exchange.sendText(200, "año");
  expect(await written(answer, GET("1.1"))).toMatch(/content-length: 4[\s\S]*\r\n\r\naño$/);
  expect(await written(answer, GET("1.1").replace("GET", "HEAD"))).toMatch(/content-length: 4[\s\S]*\r\n\r\n$/);
});
