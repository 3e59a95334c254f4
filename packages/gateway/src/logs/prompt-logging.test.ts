import { ResidencyPolicy } from "@arriero/spec";
import { afterEach, describe, expect, it } from "vitest";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { chat, startTestGateway, type TestGateway } from "../testing/test-gateway.ts";
import { mayLogWords } from "./prompt-logging.ts";
import { Transcript } from "./transcript.ts";

const opened: TestGateway[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

async function gateway(options: Parameters<typeof startTestGateway>[0] = {}) {
  const started = await startTestGateway(options);
  opened.push(started);
  return started;
}

const said = ({ logged }: TestGateway) => JSON.stringify(logged);
const ask = async (from: TestGateway, headers: Record<string, string> = {}, body = {}) => {
  const response = await from.post("/v1/chat/completions", chat("The secret of llamas", body), { headers });
  await response.text();
  await from.lastLine("/v1/chat/completions");
  return response.status;
};
const routing = { models: [], residency: NO_RESIDENCY, ownRegions: ["eu-central-1"] };
const logs = { prompts: true, dataClasses: [] };

describe("the log", () => {
  it("has no words of anybody unless it is told to", async () => {
    const from = await gateway({ gateway: { routing } });
    expect(await ask(from)).toBe(200);
    expect(said(from)).not.toContain("secret");
  });

  it.each([{}, { stream: true }])("has prompt and answer where it is (%j)", async (body) => {
    const from = await gateway({ gateway: { routing, logs } });
    expect(await ask(from, {}, body)).toBe(200);
    const { answers, prompts } = (await from.lastLine("/v1/chat/completions")) as { answers: string[]; prompts: unknown[] };
    expect(prompts).toMatchObject([{ kind: "chat", messages: [{ role: "user", content: "The secret of llamas" }] }]);
    expect(answers).toEqual([expect.stringMatching(/\w+/)]);
  });

  it("has none of a data class that is guarded, unless it is named", async () => {
    const from = await gateway({ gateway: { routing, logs } });
    expect(await ask(from, { "arriero-data-class": "internal" })).toBe(200);
    expect(said(from)).not.toContain("secret");
    const other = await gateway({ gateway: { routing, logs: { prompts: true, dataClasses: ["internal"] } } });
    expect(await ask(other, { "arriero-data-class": "internal" })).toBe(200);
    expect(said(other)).toContain("secret");
  });

  it("has none that may not rest on this server", async () => {
    const from = await gateway({ gateway: { routing, logs } });
    expect(await ask(from, { "arriero-allowed-regions": "us-*" })).toBe(403);
    expect(said(from)).not.toContain("secret");
  });
});

it("asks all three: to be on, to be here, and the class", () => {
  const policy = (dataClass: string | null) => ResidencyPolicy.parse({ dataClass });
  const on = { prompts: true, dataClasses: ["internal" as const] };
  expect(mayLogWords(policy(null), true, on)).toBe(true);
  expect(mayLogWords(policy("public"), true, on)).toBe(true);
  expect(mayLogWords(policy("internal"), true, on)).toBe(true);
  expect(mayLogWords(policy("confidential"), true, on)).toBe(false);
  expect(mayLogWords(policy(null), false, on)).toBe(false);
  expect(mayLogWords(policy(null), true, { ...on, prompts: false })).toBe(false);
});

it("cuts what is too long", () => {
  const transcript = new Transcript();
  const word = "llama ".repeat(20_000);
  for (const _ of [1, 2, 3]) {
    transcript.asked({ adapter: null, input: { kind: "text", text: word } });
    transcript.said({ type: "text", choice: 0, tokens: [], text: word });
  }
  expect(JSON.stringify(transcript.prompts).length).toBeLessThan(66_000);
  expect(transcript.answers[0]!.length).toBe(65_536);
});
