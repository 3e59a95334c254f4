import { createServer, type ServerResponse } from "node:http";
import { Pool } from "undici";
import { announce } from "../announce.ts";

/**
 * The least that a proxy for this API does in Node: reads the body, parses it as JSON, passes request and answer on. No
 * keys, no routing, no account. What a gateway costs beyond this is its own doing.
 */
const [target = ""] = process.argv.slice(2);
const pool = new Pool(target, { connections: 4096, headersTimeout: 0, bodyTimeout: 0 });

function forward(path: string, body: Buffer, response: ServerResponse): void {
  pool.dispatch(
    { method: "POST", path, headers: { "content-type": "application/json" }, body },
    {
      onRequestStart: () => undefined,
      onResponseStart(_controller, status, headers) {
        const { "content-length": length, "content-type": type } = headers as Record<string, string>;
        response.writeHead(status, { ...(type && { "content-type": type }), ...(length && { "content-length": length }) });
      },
      onResponseData: (_controller, chunk) => void response.write(chunk),
      onResponseEnd: () => void response.end(),
      onResponseError: () => void response.destroy(),
    },
  );
}

const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    JSON.parse(body.toString());
    forward(request.url ?? "/", body, response);
  });
});
server.listen(0, "127.0.0.1", 4096, () => announce(server));
