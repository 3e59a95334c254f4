import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface LoopbackHub {
  /** For HF_ENDPOINT. */
  readonly url: string;
  close(): void;
}

/** A hub on loopback with one repository, `repository`, that holds one GGUF file. */
export async function startHub(repository: string, path: string): Promise<LoopbackHub> {
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const siblings = [{ rfilename: "model-F16.gguf", size: bytes.length, lfs: { sha256, size: bytes.length } }];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (pathname === `/api/models/${repository}`) response.end(JSON.stringify({ sha: "abcdef0", siblings }));
    else if (pathname === `/${repository}/resolve/abcdef0/model-F16.gguf`) response.end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
