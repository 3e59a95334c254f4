import { BackendEntry, ModelEntry, type ResidencyPolicy, type RoutedModel } from "@arriero/spec";
import { afterEach, describe, expect, it } from "vitest";
import { describeModel } from "../routing/describe-backend.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { FakeStore } from "../testing/fake-store.ts";
import { startFaultyUpstream } from "../testing/faulty-upstream.ts";
import { chat, readAnswer, startTestGateway } from "../testing/test-gateway.ts";
import { openAiWire } from "../testing/wires.ts";

const OWN = "owner-key";
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** A model with one backend in Europe and one in America, and another that this server runs itself. */
async function world(organisations: Record<string, Partial<ResidencyPolicy>> = {}) {
  const place = async (id: string, regions: string[], boundary: string) => {
    const server = await startFaultyUpstream({ wire: openAiWire, pieces: ["Llamas."] });
    opened.push(server.close);
    return { server, entry: BackendEntry.parse({ id, kind: "openai", url: `${server.origin}/v1`, regions, boundary }) };
  };
  const [eu, us] = [await place("eu", ["eu-west-1"], "documented"), await place("us", ["us-east-1"], "contractual")];
  const models: RoutedModel[] = [
    describeModel("llama", ModelEntry.parse({ backends: [eu.entry, us.entry], policy: "round-robin" }), []),
  ];
  const store = new FakeStore();
  const gateway = await startTestGateway({
    gateway: {
      requireKey: true,
      keys: [OWN],
      openStore: async () => store,
      routing: {
        models,
        residency: NO_RESIDENCY,
        organisations: new Map(Object.entries(organisations).map(([name, said]) => [name, { ...NO_RESIDENCY, ...said }])),
        ownRegions: ["eu-central-1"],
      },
    },
  });
  opened.push(() => gateway.close());
  const ask = async (more: Record<string, unknown> = {}, headers: Record<string, string> = {}, key = OWN) => {
    const init = { headers: { authorization: `Bearer ${key}`, ...headers } };
    const response = await gateway.post("/v1/chat/completions", { ...chat("hello"), model: "llama", ...more }, init);
    return { response, answer: await readAnswer(response), line: await gateway.lastLine("/v1/chat/completions") };
  };
  /** Requests that each backend has had. */
  const reached = () => ({ eu: eu.server.requests.length, us: us.server.requests.length });
  return { gateway, store, ask, reached };
}

describe("a request's own policy", () => {
  it.each([
    ["a header", {}, { "arriero-allowed-regions": "us-*" }],
    ["metadata", { metadata: { "arriero-allowed-regions": "us-*" } }, {}],
    ["a data class", { metadata: { "arriero-data-class": "confidential" } }, {}],
    ["both", { metadata: { "arriero-allowed-regions": "us-*" } }, { "arriero-data-class": "internal" }],
  ])("binds by %s", async (_, body, headers) => {
    const { ask, reached } = await world();
    for (const __ of [1, 2, 3]) expect((await ask(body, headers)).response.status).toBe(200);
    expect(reached()).toEqual({ eu: 0, us: 3 });
  });

  it("narrows what its organisation and key allow, and never widens it", async () => {
    const { ask, reached, store } = await world({ acme: { allowedRegions: ["eu-*"] } });
    const key = store.addKey("a", { organisationId: "acme" });
    const wider = await ask({ metadata: { "arriero-allowed-regions": "*" } }, { "arriero-data-class": "public" }, key);
    expect(wider.response.status).toBe(200);
    expect(reached()).toEqual({ eu: 1, us: 0 });
    const nowhere = await ask({}, { "arriero-allowed-regions": "us-*" }, key);
    expect([nowhere.response.status, nowhere.answer.error.code]).toEqual([403, "forbidden"]);
    expect(reached()).toEqual({ eu: 1, us: 0 });
  });

  it("is refused where it cannot be read, and reaches nobody", async () => {
    const { ask, reached } = await world();
    const { answer, response } = await ask({}, { "arriero-data-class": "secret" });
    expect([response.status, answer.error.param]).toEqual([400, "arriero-data-class"]);
    expect((await ask({ metadata: { "arriero-allowed-regions": 7 } })).response.status).toBe(400);
    expect(reached()).toEqual({ eu: 0, us: 0 });
  });

  it("binds this server's own replicas, embeddings and token counts too", async () => {
    const { gateway } = await world();
    const headers = { authorization: `Bearer ${OWN}`, "arriero-allowed-regions": "us-*" };
    const body = { model: "arriero-demo", input: "x", inputs: "x", max_tokens: 1, messages: [{ role: "user", content: "x" }] };
    for (const path of ["/v1/chat/completions", "/v1/embeddings", "/v1/messages", "/v1/messages/count_tokens"]) {
      expect([path, (await gateway.post(path, body, { headers })).status]).toEqual([path, 403]);
    }
  });
});

describe("why a request went where it did", () => {
  const decision = [
    {
      picked: "us",
      allowed: ["us"],
      refused: [{ id: "eu", why: ["residency: region eu-west-1 is not allowed; allowed: us-*"] }],
    },
  ];

  it("is told to the owner by a header, and kept in the log without the prompt", async () => {
    const { ask } = await world();
    const { line, response } = await ask({}, { "arriero-allowed-regions": "us-*", "x-request-id": "r-1" });
    expect(JSON.parse(response.headers.get("arriero-routing")!)).toEqual(decision);
    expect(line).toMatchObject({ requestId: "r-1", routing: decision, residency: { allowedRegions: ["us-*"] } });
    expect(JSON.stringify(line)).not.toContain("hello");
  });

  it("is kept from everyone else", async () => {
    const { ask, store } = await world();
    const { line, response } = await ask({}, { "arriero-allowed-regions": "us-*" }, store.addKey("a"));
    expect([response.status, response.headers.get("arriero-routing")]).toEqual([200, null]);
    expect(line).toMatchObject({ routing: decision });
  });

  it("is told of a refusal as well, by this server's own replicas too", async () => {
    const { ask } = await world();
    const { line, response } = await ask({}, { "arriero-allowed-regions": "ch" });
    const [nobody] = JSON.parse(response.headers.get("arriero-routing")!);
    expect([response.status, nobody.picked, nobody.allowed, nobody.refused.length]).toEqual([403, null, [], 2]);
    expect(line).toMatchObject({ error: "forbidden", routing: [nobody] });
    const own = await ask({ model: "arriero-demo" }, { "arriero-allowed-regions": "ch" });
    expect(own.response.headers.get("arriero-routing")).toContain("region eu-central-1 is not allowed");
  });
});
