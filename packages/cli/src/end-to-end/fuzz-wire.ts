import { connect } from "node:net";
import type { Random } from "./fuzz-random.ts";

/** What is written to a connection that is no whole and sane HTTP request; afterwards our side is closed. */
export function wildWire(random: Random): Buffer {
  const path = random.pick(["/v1/chat/completions", "/v1/messages", "/api/chat", "/generate", "/v1/responses"]);
  const json = '{"model":"arriero-demo","messages":[{"role":"user","content":"hi"}],"max_tokens":1}';
  const head = (...lines: string[]) =>
    [`POST ${path} HTTP/1.1`, "host: localhost", "content-type: application/json", ...lines, "", ""].join("\r\n");
  const make = random.pick<() => string | Buffer>([
    // A body that is cut off before its announced end.
    () => head(`content-length: ${json.length}`) + json.slice(0, random.integer(json.length)),
    () => `${head("transfer-encoding: chunked")}${json.length.toString(16)}\r\n${json.slice(0, 20)}`,
    () => `${head("transfer-encoding: chunked")}zz\r\nnot a length\r\n0\r\n\r\n`,
    () => `${head("content-length: 5", "content-length: 6")}{}`,
    () => head("content-length: -1"),
    () => `${head(`content-length: ${Number.MAX_SAFE_INTEGER}`)}{`,
    () => head("transfer-encoding: chunked", `content-length: ${json.length}`) + json,
    () => `${head("content-encoding: gzip", "content-length: 4")}\u001f\u008b\u0008\u0000`,
    () => `POST ${path} HTTP/9.9\r\n\r\n`,
    () => `${"G".repeat(random.integer(40))} / HTTP/1.1\r\nhost: localhost\r\n\r\n`,
    () => `GET /${"a".repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
    () => head(`x-long: ${"a".repeat(20_000)}`),
    () => head("x-\u0000bad: 1"),
    () => head("host: a", "host: b"),
    () => random.bytes(random.integer(600)),
    () => Buffer.concat([Buffer.from(head("content-length: 400")), random.bytes(400)]),
    // Two requests at once, the second of them nonsense.
    () => `GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n${random.bytes(50).toString("latin1")}`,
  ]);
  const bytes = make();
  return typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
}

/** Statuses of all that was answered before the server closed the connection. Rejects where it does not within the time. */
export function sendWire(port: number, bytes: Buffer, timeoutMs: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    const timer = setTimeout(() => socket.destroy(new Error("the connection was left open")), timeoutMs);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // Whoever sends nonsense may be cut off.
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      const text = Buffer.concat(chunks).toString("latin1");
      resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status)));
    });
  });
}
