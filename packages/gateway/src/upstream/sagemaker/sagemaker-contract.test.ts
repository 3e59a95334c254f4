import { systemClock } from "@arriero/fleet";
import { beforeAll, describe, expect, it } from "vitest";
import { startFaultyUpstream } from "../../testing/faulty-upstream.ts";
import { requestOf } from "../../testing/scripted-generation.ts";
import { describeUpstream } from "../../testing/upstream-contract.ts";
import { limits } from "../../testing/upstreams-under-test.ts";
import { sageMakerWire, tgiWire } from "../../testing/vendor-wires.ts";
import "../../testing/vendors-under-test.ts";
import { openAiWire } from "../../testing/wires.ts";
import { withTraceHeaders } from "../../tracing/outgoing-trace.ts";
import { EnginePools } from "../engine-pools.ts";
import { type SageMakerContainer, SageMakerUpstream } from "./sagemaker-upstream.ts";

const pools = new EnginePools();
beforeAll(async () => {
  await import("@aws-sdk/client-sagemaker-runtime");
  await import("@aws-sdk/credential-provider-node");
}, 120_000);

function open(container: SageMakerContainer, origin: string, ms: number, model = "my-endpoint"): SageMakerUpstream {
  const options = { id: origin, container, model, location: "eu-central-1", url: origin, prefill: false, honoursSeed: true };
  return new SageMakerUpstream({ pools, clock: systemClock }, { ...options, limits: limits(ms) });
}

describeUpstream({
  name: "SageMaker, a container of OpenAI's dialect,",
  wire: sageMakerWire(openAiWire),
  open: (origin, ms) => open("openai", origin, ms),
});

describe("a TGI container on SageMaker", () => {
  const wire = sageMakerWire(tgiWire);
  const ask = async (request: Parameters<typeof requestOf>[0], pieces: readonly string[]) => {
    const server = await startFaultyUpstream({ wire, pieces });
    const events = [];
    try {
      const upstream = open("tgi", server.origin, 10_000, "my-endpoint/adapter-1");
      for await (const event of upstream.generate(requestOf(request), new AbortController().signal)) events.push(event);
      return { events, server };
    } finally {
      await server.close();
    }
  };
  const textOf = (events: readonly { readonly type: string }[]) =>
    events.map((event) => (event.type === "text" ? (event as unknown as { text: string }).text : "")).join("");

  it("is asked for a text in its own words, at its component", async () => {
    const { events, server } = await ask({ maxTokens: 9, sampling: { seed: 7, temperature: 0.5 } }, ["Año", " 🦙"]);
    expect(textOf(events)).toBe("Año 🦙");
    expect(events.at(-1)).toMatchObject({ type: "usage", promptTokens: 3, completionTokens: 3 });
    expect(server.requests[0]).toMatchObject({
      inputs: "one two three",
      parameters: { max_new_tokens: 9, temperature: 0.5, seed: 7, do_sample: true },
      stream: true,
    });
    expect(server.asked[0]?.path).toBe("/endpoints/my-endpoint/invocations-response-stream");
    expect(server.asked[0]?.headers["x-amzn-sagemaker-inference-component"]).toBe("adapter-1");
  });

  it("is told the trace that a request belongs to, outside of what is signed", async () => {
    const trace = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };
    const { server } = await withTraceHeaders(trace, () => ask({}, ["x"]));
    expect(server.asked[0]?.headers).toMatchObject(trace);
    expect(server.asked[0]?.headers.authorization).toMatch(/SignedHeaders=(?!.*traceparent)/);
  });

  it("has its stop sequence cut off, however it was cut into pieces", async () => {
    const { events } = await ask({ stop: ["END"] }, ["An EN", "EN", "D"]);
    expect(textOf(events)).toBe("An EN");
    expect(events.at(-2)).toMatchObject({ stopSequence: "END" });
  });

  it("takes no conversations", async () => {
    const input = { kind: "chat" as const, messages: [{ role: "user" as const, content: "hello" }] };
    await expect(ask({ input }, ["x"])).rejects.toMatchObject({ code: "unsupported" });
  });
});
