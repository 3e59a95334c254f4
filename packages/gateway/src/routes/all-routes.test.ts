import { readFileSync } from "node:fs";
import { page } from "@arriero/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { apiRoutes, everyRoute } from "../testing/every-route.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

const KEY = "a-key-of-the-owner";

/**
 * Who may call what: the status without a key on a server that wants one, and with the key. A route without a row here
 * fails the test, so that nobody adds one without deciding who may call it.
 */
const MATRIX: Record<string, { readonly keyless: number; readonly keyed: number }> = {
  "GET /": { keyless: 200, keyed: 200 },
  "GET /health": { keyless: 200, keyed: 200 },
  "GET /ready": { keyless: 200, keyed: 200 },
  "GET /metrics": { keyless: 401, keyed: 200 },
  "POST /v1/chat/completions": { keyless: 401, keyed: 400 },
  "POST /v1/completions": { keyless: 401, keyed: 400 },
  "POST /v1/files": { keyless: 401, keyed: 400 },
  "GET /v1/files": { keyless: 401, keyed: 400 },
  "GET /v1/files/{id}": { keyless: 401, keyed: 400 },
  "GET /v1/files/{id}/content": { keyless: 401, keyed: 400 },
  "DELETE /v1/files/{id}": { keyless: 401, keyed: 400 },
  "POST /v1/batches": { keyless: 401, keyed: 400 },
  "GET /v1/batches": { keyless: 401, keyed: 400 },
  "GET /v1/batches/{id}": { keyless: 401, keyed: 400 },
  "POST /v1/batches/{id}/cancel": { keyless: 401, keyed: 400 },
  "POST /v1/embeddings": { keyless: 401, keyed: 400 },
  "POST /v1/messages": { keyless: 401, keyed: 400 },
  "POST /v1/messages/count_tokens": { keyless: 401, keyed: 400 },
  "POST /v1/responses": { keyless: 401, keyed: 400 },
  "GET /v1/models": { keyless: 401, keyed: 200 },
  "GET /v1/models/{id}": { keyless: 401, keyed: 404 },
  "POST /v1/models": { keyless: 401, keyed: 400 },
  "DELETE /v1/models/{id}": { keyless: 401, keyed: 404 },
  "POST /v1/rerank": { keyless: 401, keyed: 400 },
  "POST /v1/images/generations": { keyless: 401, keyed: 400 },
  "GET /v1/cluster/auth": { keyless: 200, keyed: 200 },
  "GET /v1/cluster/version": { keyless: 401, keyed: 200 },
  "GET /v1/address": { keyless: 401, keyed: 200 },
  "POST /": { keyless: 401, keyed: 422 },
  "POST /generate": { keyless: 401, keyed: 422 },
  "POST /generate_stream": { keyless: 401, keyed: 422 },
  "POST /tokenize": { keyless: 401, keyed: 422 },
  "GET /info": { keyless: 401, keyed: 404 },
  "POST /api/generate": { keyless: 401, keyed: 400 },
  "POST /api/chat": { keyless: 401, keyed: 400 },
  "POST /api/embed": { keyless: 401, keyed: 400 },
  "POST /api/embeddings": { keyless: 401, keyed: 400 },
  "GET /api/version": { keyless: 200, keyed: 200 },
  "GET /api/tags": { keyless: 401, keyed: 200 },
  "GET /api/ps": { keyless: 401, keyed: 200 },
  "POST /api/show": { keyless: 401, keyed: 400 },
  "POST /api/pull": { keyless: 401, keyed: 400 },
  "POST /api/push": { keyless: 401, keyed: 400 },
  "POST /api/create": { keyless: 401, keyed: 400 },
  "HEAD /api/blobs/{digest}": { keyless: 401, keyed: 400 },
  "POST /api/blobs/{digest}": { keyless: 401, keyed: 400 },
  "POST /api/copy": { keyless: 401, keyed: 400 },
  "DELETE /api/delete": { keyless: 401, keyed: 400 },
  "GET /arriero/v1/replicas": { keyless: 401, keyed: 200 },
  "POST /arriero/v1/models/unload": { keyless: 401, keyed: 400 },
  "GET /arriero/v1/usage": { keyless: 401, keyed: 400 },
};
it("has a row for every route, and a route for every row", () => {
  expect(apiRoutes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(MATRIX).sort());
});

it("has every route that the page's API declares, with its access", () => {
  const declared = Object.values(page.PAGE_API).map(({ access, method, path }) => `${access} ${method} ${path}`);
  const served = everyRoute.map(({ access, method, path }) => `${access} ${method} ${path}`);
  expect(served).toEqual(expect.arrayContaining(declared));
});

it("is documented, route by route, with its access", () => {
  const text = readFileSync(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^\| `((?:GET|HEAD|POST|DELETE) \S+)` \| (\w+) \|/gm)].map(
    ([, route, access]) => `${route} ${access}`,
  );
  expect(documented.sort()).toEqual(apiRoutes.map(({ access, method, path }) => `${method} ${path} ${access}`).sort());
});

describe.each([
  ["with --require-key", { requireKey: true, host: "127.0.0.1" }],
  ["on a bind that others can reach", { requireKey: false, host: "0.0.0.0" }],
])("%s", (_name, gateway) => {
  let from: TestGateway;
  beforeAll(async () => {
    from = await startTestGateway({ gateway: { ...gateway, keys: [KEY] } });
  });
  afterAll(() => from.close());

  it.each(apiRoutes)("$method $path", async ({ method, path }) => {
    const { keyed, keyless } = MATRIX[`${method} ${path}`]!;
    const call = async (headers: Record<string, string>): Promise<number> => {
      const body = method === "POST" || path === "/api/delete" ? { body: "{}" } : {};
      const init = { method, headers: { "content-type": "application/json", ...headers }, ...body };
      const response = await fetch(from.url + path.replace(/\{\w+\}/, "nobody"), init);
      await response.arrayBuffer();
      return response.status;
    };
    expect(await call({})).toBe(keyless);
    expect(await call({ authorization: "Bearer wrong" })).toBe(keyless);
    expect(await call({ authorization: `Bearer ${KEY}` })).toBe(keyed);
    expect(await call({ authorization: `Bearer ${KEY}`, origin: "https://app.example" })).toBe(keyed);
  });
});

describe("open to this machine", () => {
  let from: TestGateway;
  beforeAll(async () => {
    from = await startTestGateway();
  });
  afterAll(() => from.close());

  it.each(apiRoutes)("$method $path refuses other origins unless public", async ({ access, method, path }) => {
    const body = method === "POST" || path === "/api/delete" ? { body: "{}" } : {};
    const headers = { "content-type": "application/json", origin: "https://evil.example" };
    const response = await fetch(from.url + path.replace(/\{\w+\}/, "nobody"), { method, headers, ...body });
    await response.arrayBuffer();
    expect(response.status === 403).toBe(access !== "public");
  });
});
