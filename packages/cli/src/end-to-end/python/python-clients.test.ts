import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { makeEnvironment, type PythonEnvironment } from "./environment.ts";

/** BioChatter's packages take a minute to install: `npm run soak -- python`. */
const ALL = process.env["ARRIERO_SOAK"] === "1";
const later = async (): Promise<PythonEnvironment> => ({ kind: "missing", why: "large: npm run soak -- python" });
/** Which clients can run is known only when their packages are here, so they are fetched before tests are named. */
const environments = {
  clients: await makeEnvironment("clients.txt"),
  biochatter: await (ALL ? makeEnvironment("biochatter.txt") : later()),
};
type Name = keyof typeof environments;

const DEADLINE_MS = 120_000;
let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
}, DEADLINE_MS);
afterAll(async () => {
  for (const each of Object.values(environments)) if (each.kind === "ready") each.remove();
  await server.stop();
});

function client(title: string, name: Name, script: string, check: (seen: Seen) => void): void {
  const environment = environments[name];
  if (environment.kind === "missing") test.skip(`${title} (${environment.why})`, () => {});
  else test(title, async () => check(JSON.parse(await environment.drive(script, server.url))), DEADLINE_MS);
}

/** What a script printed. */
type Seen = ReturnType<typeof JSON.parse>;

describe("Python clients, unmodified, against arriero up", () => {
  client("openai", "clients", "drive_openai.py", (seen) => {
    expect(seen.models).toContain("arriero-demo");
    expect(seen.whole).toMatch(/Arriero/);
    expect(seen.streamed).toBe(seen.whole);
    expect(seen.usages[0]).toBe(seen.usages[1]);
    expect(seen.held.animal).toMatch(/^(llama|alpaca)$/);
    expect(seen.call[0]).toBe("tool_calls");
    expect(seen.call[1].animal).toMatch(/^(llama|alpaca)$/);
    expect(seen.drawn[0]).toBe(seen.drawn[1]);
    expect(seen.response).toBe(seen.whole);
    expect(seen.dimensions[0]).toBeGreaterThan(1);
    expect(seen.dimensions[1]).toBe(seen.dimensions[0]);
    expect(seen.unknown).toEqual(["NotFoundError", "model_not_found"]);
    expect(seen.wrong[0]).toBe("BadRequestError");
  });

  client("anthropic", "clients", "drive_anthropic.py", (seen) => {
    expect(seen).toMatchObject({ whole: expect.stringContaining("Arriero"), stop: "end_turn" });
    expect(seen.streamed).toBe(seen.whole);
    expect(seen.outputs[0]).toBe(seen.outputs[1]);
    expect(seen.inputs).toBe(seen.counted);
    expect(seen.call).toEqual(["tool_use", "load", { animal: expect.stringMatching(/^(llama|alpaca)$/) }]);
    expect(seen.unknown).toEqual(["NotFoundError", "not_found_error"]);
    expect(seen.wrong).toEqual(["BadRequestError", "invalid_request_error"]);
  });

  client("lorax-client", "clients", "drive_lorax.py", (seen) => {
    expect(seen.base).toMatch(/Arriero/);
    expect(seen.tokens[0]).toBe(seen.tokens[1]);
    expect(seen.pirate).toMatch(/^Arr/);
    expect(seen.streamed).toBe(seen.pirate);
    expect(seen.last).toBe(seen.pirate);
    expect(seen.unknown).toBe("NotFoundError");
  });

  client("langchain-community's ChatOllama and OllamaEmbeddings", "biochatter", "drive_langchain.py", (seen) => {
    expect(seen.whole).toMatch(/Arriero/);
    expect(seen.tokens).toBeGreaterThan(3);
    expect(seen.streamed).toBe(seen.whole);
    expect(seen.json).toMatch(/^\s*\{/);
    expect(seen.dimensions[0]).toBeGreaterThan(1);
    expect(new Set(seen.dimensions).size).toBe(1);
    expect(seen.unknown).toMatch(/nobody|404/);
  });

  client(
    "xinference-client: launches, chats, streams, completes, embeds and terminates",
    "clients",
    "drive_xinference.py",
    (seen) => {
      expect(seen.types).toMatchObject({ "arriero-demo": "LLM", "my-llm": "LLM", "my-vectors": "embedding" });
      expect(seen.handles).toEqual(["RESTfulChatModelHandle", "RESTfulEmbeddingModelHandle"]);
      expect(seen.chat).toMatch(/Arriero/);
      expect(seen.streamed).toBe(seen.chat);
      expect(seen.completion).not.toBe("");
      expect(seen.dimensions).toBeGreaterThan(1);
      expect(seen.wrong).toContain("temperature must be a number from 0 to 2");
      expect(seen.unknown).toContain("[model_not_found]");
      expect(seen.terminated).toContain("There is no model my-llm here");
    },
  );

  client("BioChatter's Xinference, Ollama and GPT conversations", "biochatter", "drive_biochatter.py", (seen) => {
    for (const name of ["xinference", "named", "ollama", "gpt"]) {
      expect(seen[name].first, name).toMatch(/Arriero/);
      expect(seen[name].usage, name).toBeTruthy();
      expect(seen[name].second.length, name).toBeGreaterThan(3);
    }
    for (const turn of ["first", "second"]) expect(seen.named[turn]).toBe(seen.xinference[turn]);
    expect(seen.gpt.accepted).toBe(true);
  });
});
