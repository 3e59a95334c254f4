import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BackendEntry, ModelEntry, type RoutedModel } from "@arriero/spec";
import OpenAI from "openai";
import { afterEach, expect, it } from "vitest";
import { describeModel } from "../routing/describe-backend.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { eventually } from "../testing/eventually.ts";
import { FakeStore } from "../testing/fake-store.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

const PIXEL = "iVBORw0KGgo=";
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** A server that makes images; `status` other than 200 refuses, `answer` replaces what it would say. */
async function studio({ answer, status = 200 }: { readonly answer?: object; readonly status?: number } = {}) {
  const requests: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString("utf8"));
    requests.push({ path: request.url, ...body });
    const image = body.response_format === "b64_json" ? { b64_json: PIXEL } : { url: "http://studio.example/1.png" };
    const usage = { input_tokens: 5, output_tokens: 40, total_tokens: 45 };
    const made = { created: 7, data: Array.from({ length: body.n ?? 1 }, () => image), usage };
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(status === 200 ? (answer ?? made) : { error: { message: "no" } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests };
}

async function gatewayOver(...studios: readonly { readonly url: string; readonly region?: string }[]) {
  const backends = studios.map(({ region = "eu-west-1", url }, index) =>
    BackendEntry.parse({
      id: `s${index}`,
      kind: "openai",
      url,
      model: "FLUX",
      capabilities: ["images"],
      regions: [region],
      boundary: "documented",
    }),
  );
  const store = new FakeStore();
  const models: RoutedModel[] =
    backends.length === 0 ? [] : [describeModel("flux", ModelEntry.parse({ backends, policy: "round-robin" }), [])];
  const from = await startTestGateway({
    gateway: { openStore: async () => store, routing: { models, residency: NO_RESIDENCY, ownRegions: [] } },
  });
  opened.push(() => from.close());
  return { from, store, client: new OpenAI({ baseURL: `${from.url}/v1`, apiKey: "none", maxRetries: 0 }) };
}

it("images come by the client as the backend made them, under its own name for the model, with a row in the ledger", async () => {
  const backend = await studio();
  const { client, from, store } = await gatewayOver(backend);
  const asked = { model: "flux", prompt: "a llama", n: 2, size: "512x512" } as const;
  const whole = await client.images.generate({ ...asked, response_format: "b64_json" });
  expect(whole.data).toEqual([{ b64_json: PIXEL }, { b64_json: PIXEL }]);
  expect(backend.requests[0]).toEqual({ path: "/v1/images/generations", ...asked, model: "FLUX", response_format: "b64_json" });
  expect((await client.images.generate(asked)).data?.[0]?.url).toBe("http://studio.example/1.png");
  const row = await eventually("the second row's end", () => store.rows[1]?.ends[0]);
  expect(row).toMatchObject({ status: "completed", backend: "s0", promptTokens: 5, completionTokens: 40 });
  const line = await from.lastLine("/v1/images/generations");
  expect([line.model, JSON.stringify(line).includes("a llama")]).toEqual(["flux", false]);
  const listed = (await (await fetch(`${from.url}/v1/models/flux`)).json()) as Record<string, unknown>;
  expect(listed).toMatchObject({ model_type: "image", model_ability: ["text2image"] });
});

it("a model may be left out where only one makes images", async () => {
  const { client } = await gatewayOver(await studio());
  expect((await client.images.generate({ prompt: "a llama" })).data).toHaveLength(1);
});

it.each([[{ status: 500 }], [{ answer: { data: [] } }], [{ answer: { data: [{ url: 7 }] } }]])(
  "where one backend fails by %j the other makes the image",
  async (fault) => {
    const [bad, good] = [await studio(fault), await studio()];
    const { client } = await gatewayOver(bad, good);
    for (const _ of [1, 2]) expect((await client.images.generate({ model: "flux", prompt: "a llama" })).data).toHaveLength(1);
    expect([bad.requests.length > 0, good.requests.length]).toEqual([true, 2]);
  },
);

it("no prompt reaches a backend outside the request's policy", async () => {
  const [outside, broken] = [await studio(), await studio({ status: 500 })];
  const { client } = await gatewayOver({ ...outside, region: "us-east-1" }, broken);
  const headers = { "arriero-allowed-regions": "eu-*" };
  await expect(client.images.generate({ model: "flux", prompt: "a llama" }, { headers })).rejects.toThrow();
  expect([outside.requests.length, broken.requests.length > 0]).toEqual([0, true]);
});

it("is refused with a code where no model makes images, and where this one does not", async () => {
  const without = await gatewayOver();
  const refusal = { status: 400, code: "unsupported", param: "model" };
  await expect(without.client.images.generate({ prompt: "a llama" })).rejects.toMatchObject(refusal);
  const { client } = await gatewayOver(await studio());
  await expect(client.images.generate({ model: "arriero-demo", prompt: "x" })).rejects.toMatchObject(refusal);
  await expect(client.images.generate({ model: "nothing", prompt: "x" })).rejects.toMatchObject({ status: 404 });
  const chat = { model: "flux", messages: [{ role: "user" as const, content: "x" }] };
  await expect(client.chat.completions.create(chat)).rejects.toMatchObject({ code: "unsupported" });
});
