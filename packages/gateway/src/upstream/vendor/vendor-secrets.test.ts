import { BackendEntry, ModelEntry, type RoutedModel } from "@arriero/spec";
import { afterEach, beforeAll, expect, it } from "vitest";
import { describeModel } from "../../routing/describe-backend.ts";
import { NO_RESIDENCY } from "../../routing/residency.ts";
import { startFaultyUpstream } from "../../testing/faulty-upstream.ts";
import { chat, startTestGateway } from "../../testing/test-gateway.ts";
import { loadVendors, TEST_SECRETS, VENDORS } from "../../testing/vendors-under-test.ts";

const opened: (() => Promise<unknown>)[] = [];
beforeAll(loadVendors, 120_000);
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function gatewayOver(backend: object) {
  const models: RoutedModel[] = [describeModel("llama", ModelEntry.parse({ backends: [backend] }), ["eu-central-1"])];
  const residency = { ...NO_RESIDENCY, allowUndefinedBoundary: true };
  const gateway = await startTestGateway({ gateway: { routing: { models, residency, ownRegions: ["eu-central-1"] } } });
  opened.push(() => gateway.close());
  return gateway;
}

const entryOf = ({ more, path, vendor }: (typeof VENDORS)[number], origin: string, changes: object = {}) =>
  BackendEntry.parse({
    id: "cloud",
    kind: "vendor",
    provider: vendor,
    url: origin + path,
    model: more?.place?.model ?? "m-1",
    location: more?.place?.location ?? null,
    project: more?.place?.project ?? null,
    credential: more?.credential ?? "env:ARRIERO_TEST_VENDOR_KEY",
    ...changes,
  });

it.each(VENDORS)("$vendor answers through the gateway, and what it says of its credential reaches nobody", async (under) => {
  const secret = under.more?.credential === "aws" ? TEST_SECRETS.secret : TEST_SECRETS.key;
  const telling = {
    ...under.wire,
    refusal: () => JSON.stringify({ message: `bad key ${secret}`, error: { message: secret } }),
  };
  for (const fault of [null, "500", "429 with Retry-After", "error event in the stream"] as const) {
    const error = () => under.wire.error(0).replace(/Overloaded|CUDA out of memory/, secret);
    const server = await startFaultyUpstream({ wire: { ...telling, error }, pieces: ["Quite", " dry"], fault, after: 1 });
    opened.push(server.close);
    const gateway = await gatewayOver(entryOf(under, server.origin));
    const answer = await gateway.post("/v1/chat/completions", { ...chat("Is it dry?"), model: "llama", stream: fault !== "500" });
    const text = await answer.text();
    if (fault === null) expect(text).toContain("dry");
    await gateway.lastLine("/v1/chat/completions");
    const everything = text + JSON.stringify([...answer.headers]) + JSON.stringify(gateway.logged);
    expect(everything).not.toContain(secret);
  }
});

it("says which variable is missing, to the log and to the caller", async () => {
  const server = await startFaultyUpstream({ wire: VENDORS[0]!.wire, pieces: ["x"] });
  opened.push(server.close);
  const gateway = await gatewayOver(entryOf(VENDORS[0]!, server.origin, { credential: "env:ARRIERO_NOT_SET" }));
  const answer = await gateway.post("/v1/chat/completions", { ...chat("Is it dry?"), model: "llama" });
  expect(answer.status).toBe(502);
  expect(await answer.text()).toContain("env:ARRIERO_NOT_SET is not set");
  expect(server.requests).toEqual([]);
});
