import type { IncomingMessage } from "node:http";
import { ArrieroError } from "@arriero/spec";

/** The body as parsed JSON. Bounded in bytes; the server's request timeout bounds it in time. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new ArrieroError("body_too_large", `the body is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new ArrieroError("invalid_json", `the body of ${bytes} bytes is not JSON`, { cause });
  }
}
