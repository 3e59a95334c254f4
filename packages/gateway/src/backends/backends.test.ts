import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BackendEntry, ModelEntry, type RoutedModel } from "@arriero/spec";
import { afterEach, expect, test } from "vitest";
import { describeModel } from "../routing/describe-backend.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { type FaultyOptions, startFaultyUpstream } from "../testing/faulty-upstream.ts";
import { chat, readAnswer, readSse, startTestGateway } from "../testing/test-gateway.ts";
import { openAiWire } from "../testing/wires.ts";

const PIECES = ["Llamas ", "carry ", "what ", "they ", "are ", "given."];
const WHOLE = PIECES.join("");
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function server(options: Partial<FaultyOptions> = {}) {
  const started = await startFaultyUpstream({ wire: openAiWire, pieces: PIECES, ...options });
  if (options.fault !== "refuse connection") opened.push(started.close);
  return started;
}

function openai(id: string, origin: string, more: Record<string, unknown> = {}) {
  return BackendEntry.parse({
    id,
    kind: "openai",
    url: `${origin}/v1`,
    boundary: "contractual",
    regions: ["eu-west-1"],
    ...more,
  });
}

async function gatewayOver(backends: BackendEntry[], residency = NO_RESIDENCY) {
  const entry = ModelEntry.parse({ backends, aliases: ["caravan"], policy: "round-robin" });
  const models: RoutedModel[] = [describeModel("llama", entry, ["eu-central-1"])];
  const gateway = await startTestGateway({ gateway: { routing: { models, residency, ownRegions: ["eu-central-1"] } } });
  opened.push(() => gateway.close());
  return gateway;
}

const ask = { ...chat("What do llamas carry?"), model: "caravan", temperature: 0 };

test("a configured model is listed, answered by its backend under any of its names, and logged with it", async () => {
  const backend = await server();
  const gateway = await gatewayOver([openai("gpu", backend.origin, { model: "meta/llama" })]);
  const listed = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
  expect(listed.data.map(({ id }) => id)).toContain("llama");
  const answer = await readAnswer(gateway.post("/v1/chat/completions", ask));
  expect(answer.choices[0]?.message.content).toBe(WHOLE);
  expect(backend.requests[0]).toMatchObject({ model: "meta/llama", stream: true });
  expect(await gateway.lastLine("/v1/chat/completions")).toMatchObject({ model: "llama", backend: "gpu", attempts: 1 });
});

test.each(["500", "reset before headers", "refuse connection", "cut mid-stream", "malformed chunk", "empty stream"] as const)(
  "%s at one backend: the other gives the whole answer",
  async (fault) => {
    const [bad, good] = [await server({ fault }), await server()];
    const gateway = await gatewayOver([openai("bad", bad.origin), openai("good", good.origin)]);
    // Both take turns: of two requests one meets the fault.
    for (const _ of [1, 2]) {
      const stream = readSse(await (await gateway.post("/v1/chat/completions", { ...ask, stream: true })).text());
      expect([stream.text, stream.done, stream.error]).toEqual([WHOLE, true, null]);
    }
    expect(good.requests.length).toBe(2);
  },
);

test("a backend outside the policy is never reached, not even when the others fail", async () => {
  const [outside, broken] = [await server(), await server({ fault: "500" })];
  const backends = [openai("outside", outside.origin, { regions: ["us-east-1"] }), openai("inside", broken.origin)];
  const gateway = await gatewayOver(backends, { ...NO_RESIDENCY, allowedRegions: ["eu-*"] });
  const refused = await gateway.post("/v1/chat/completions", ask);
  expect(refused.status).toBeGreaterThanOrEqual(500);
  expect([outside.requests.length, broken.requests.length > 0]).toEqual([0, true]);
});

test("where no backend is allowed, the error says which rule refused the nearest", async () => {
  const outside = await server();
  const backends = [openai("outside", outside.origin, { regions: ["us-east-1"] })];
  const gateway = await gatewayOver(backends, { ...NO_RESIDENCY, allowedRegions: ["eu-*"] });
  const refused = await gateway.post("/v1/chat/completions", ask);
  const { error } = await readAnswer(refused);
  expect([refused.status, error.code]).toEqual([403, "forbidden"]);
  expect(error.message).toContain("us-east-1");
  expect(outside.requests).toEqual([]);
});

test("replicas of this server and another engine stand in for each other", async () => {
  const other = await server();
  const own = BackendEntry.parse({ id: "own", kind: "engine", model: "arriero-demo" });
  const gateway = await gatewayOver([own, openai("gpu", other.origin)]);
  await gateway.ready();
  const asked: unknown[] = [];
  for (const _ of [1, 2]) {
    expect((await gateway.post("/v1/chat/completions", ask)).status).toBe(200);
    asked.push(((await gateway.lastLine("/v1/chat/completions")) as { backend: string }).backend);
  }
  expect(new Set(asked)).toEqual(new Set(["own", "gpu"]));
});

test("a backend whose end is announced hands its stream over, and gets nothing more until that is taken back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "arriero-notice-"));
  opened.push(async () => rmSync(folder, { recursive: true, force: true }));
  const [spot, other] = [await server({ fault: "stall mid-stream" }), await server()];
  const backends = [openai("spot", spot.origin, { notice: `file:${join(folder, "notice")}` }), openai("other", other.origin)];
  const gateway = await gatewayOver(backends);
  const begun = await gateway.post("/v1/chat/completions", { ...ask, stream: true });
  writeFileSync(join(folder, "notice"), "TRUE");
  const stream = readSse(await begun.text());
  expect([stream.text, stream.done, stream.error]).toEqual([WHOLE, true, null]);
  for (const _ of [1, 2, 3]) expect((await gateway.post("/v1/chat/completions", ask)).status).toBe(200);
  expect([spot.requests.length, other.requests.length]).toEqual([1, 4]);
});
