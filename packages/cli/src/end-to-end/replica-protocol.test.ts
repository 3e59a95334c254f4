import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GenerationEvent } from "@arriero/spec";
import { ENGINE_ROUTES } from "@arriero/spec";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Ask } from "./engine-child.ts";
import { DEMO_ADAPTERS, DEMO_MODEL, EngineChild, readEvents, said, TOKEN } from "./engine-child.ts";
import { eventually } from "./running-server.ts";

const text = (prompt: string, more: Partial<Ask> = {}): Ask => ({ input: { kind: "text", text: prompt }, ...more });
const chat = (content: string, more: Partial<Ask> = {}): Ask => ({
  input: { kind: "chat", messages: [{ role: "user", content }] },
  ...more,
});
/** Goes on until its maximum, whatever the model would rather do. */
const endless = (maxTokens: number, more: Partial<Ask> = {}): Ask => text("Once", { ignoreEos: true, maxTokens, ...more });

const folder = mkdtempSync(join(tmpdir(), "arriero-protocol-"));
const started: EngineChild[] = [];
function tracked(child: EngineChild): EngineChild {
  started.push(child);
  return child;
}
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.process.kill("SIGKILL");
    await child.exited;
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("routes", () => {
  let engine: EngineChild;
  beforeAll(async () => {
    engine = await EngineChild.ready();
  });
  afterAll(() => engine.stop());

  const routes = Object.values(ENGINE_ROUTES);
  const bodyOf = (method: string) => (method === "POST" ? {} : undefined);

  test.each(routes.filter(({ path }) => path.startsWith("/v1/")))("$method $path wants the token", async ({ method, path }) => {
    for (const token of [null, "", `${TOKEN}x`, TOKEN.slice(1), TOKEN.toUpperCase()]) {
      const response = await engine.call(method, path, bodyOf(method), token);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
    }
  });

  test.each(routes.filter(({ path }) => !path.startsWith("/v1/")))("$method $path is open", async ({ method, path }) => {
    expect((await engine.call(method, path, undefined, null)).status).toBe(200);
  });

  test.each(routes)("$path names its method", async ({ method, path }) => {
    const response = await engine.call(method === "GET" ? "POST" : "GET", path);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(method);
  });

  test.each([
    ["generate", {}, "id"],
    [
      "generate",
      { id: "x", model: "demo", sampling: { seed: 0 }, input: { kind: "tokens", tokens: [9_999_999] } },
      "input.tokens",
    ],
    ["embed", { id: "x", model: "demo", inputs: [] }, "inputs"],
    ["tokenize", { text: 3 }, "text"],
    ["tokenize", {}, "either input or text"],
    ["tokenize", { input: { kind: "tokens", tokens: [9_999_999] } }, "input.tokens"],
    ["detokenize", { tokens: [9_999_999] }, "tokens"],
  ] as const)("%s refuses %j", async (route, body, param) => {
    const response = await engine.call("POST", ENGINE_ROUTES[route].path, body);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe("invalid_request");
    expect(`${JSON.stringify(error)}`).toContain(param);
  });

  test("an error before the first event has its own status, also where only the worker sees it", async () => {
    const unknown = await engine.start({ ...text("x"), adapter: "nobody" });
    expect(unknown.status).toBe(404);
    const invalid = await engine.start(
      text("x", { resume: { tokens: [[5]] }, format: { kind: "grammar", grammar: 'root ::= "yes"' } }),
    );
    expect(invalid.status).toBe(400);
    expect(await invalid.json()).toMatchObject({ error: { code: "invalid_request", param: "resume.tokens" } });
  });

  test("tokens and text turn into one another", async () => {
    const sentence = "A llama carries its load: ¡olé! 🦙";
    const { tokens } = (await (await engine.call("POST", ENGINE_ROUTES.tokenize.path, { text: sentence })).json()) as {
      tokens: number[];
    };
    expect(await (await engine.call("POST", ENGINE_ROUTES.detokenize.path, { tokens })).json()).toEqual({ text: sentence });
  });

  const tool = { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } };
  const messages = [
    { role: "system" as const, content: "Be brief." },
    { role: "user" as const, content: "¿Qué tal? 🦙" },
  ];
  test.each([
    ["chat", { kind: "chat", messages }],
    ["chat with tools", { kind: "chat", messages, tools: [tool] }],
    ["chat with tools that may not be called", { kind: "chat", messages, tools: [tool], toolChoice: { kind: "none" } }],
    ["text", { kind: "text", text: "A llama 🦙" }],
    ["tokens", { kind: "tokens", tokens: [5, 6, 7] }],
  ] as const)("%s has the tokens that its generation reads", async (_name, input) => {
    const asked = input as Ask["input"];
    const [start] = await engine.generate({ input: asked, maxTokens: 1, wantPromptTokens: true });
    const response = await engine.call("POST", ENGINE_ROUTES.tokenize.path, { model: "demo", input, wantTexts: true });
    const { texts, tokens } = (await response.json()) as { tokens: number[]; texts: string[] };
    expect(start).toMatchObject({ type: "start", promptTokenIds: tokens });
    expect(texts).toHaveLength(tokens.length);
    if (input.kind === "text") expect(texts.join("")).toContain(input.text);
    if (input.kind === "chat") expect(texts.join("")).toContain("¿Qué tal? 🦙");
  });

  test("tokens of another model are not to be had", async () => {
    const response = await engine.call("POST", ENGINE_ROUTES.tokenize.path, { model: "other", text: "x" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "model_not_found" } });
  });
});

describe("start", () => {
  test("health at once, ready only with the model", async () => {
    const engine = tracked(EngineChild.of());
    await engine.announced("listening");
    const seen: number[] = [];
    await eventually(async () => {
      const [health, ready] = await Promise.all([
        engine.call("GET", ENGINE_ROUTES.health.path, undefined, null),
        engine.call("GET", ENGINE_ROUTES.ready.path, undefined, null),
      ]);
      expect(health.status).toBe(200);
      seen.push(ready.status);
      return ready.status === 200;
    }, "ready");
    expect(seen[0]).toBe(503);
    expect(new Set(seen)).toEqual(new Set([503, 200]));
    await engine.announced("ready");
  });

  const whole = readFileSync(DEMO_MODEL);
  const file = (name: string, bytes: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  test.each([
    ["no options", () => null, "config_invalid"],
    ["options that are no JSON", () => "{", "config_invalid"],
    ["a token too short", () => JSON.stringify({ model: { name: "demo", path: DEMO_MODEL }, token: "short" }), "config_invalid"],
    ["a missing model", () => options(join(folder, "none.gguf")), "gguf_invalid"],
    ["an empty model", () => options(file("empty.gguf", new Uint8Array(0))), "gguf_truncated"],
    ["a truncated model", () => options(file("half.gguf", whole.subarray(0, whole.length / 2))), "gguf_truncated"],
    ["a truncated header", () => options(file("head.gguf", whole.subarray(0, 5000))), "gguf_truncated"],
    ["garbage", () => options(file("garbage.gguf", Buffer.alloc(10_000, "garbage"))), "gguf_invalid"],
    ["an adapter that is none", () => options(DEMO_MODEL, { adapters: { x: DEMO_MODEL } }), "gguf_invalid"],
  ])("%s: a failed line and a non-zero exit", async (_, environment, code) => {
    const engine = tracked(new EngineChild(environment()));
    expect((await engine.announced("failed")).error).toMatchObject({ code });
    expect(await engine.exited).toBe(1);
  });

  function options(path: string, more: object = {}): string {
    return JSON.stringify({ model: { name: "demo", path, ...more }, token: TOKEN });
  }

  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await eventually(() => other.address(), "the other server");
    const address = other.address();
    const engine = tracked(EngineChild.of({ port: typeof address === "object" && address !== null ? address.port : 0 }));
    expect((await engine.announced("failed")).error.code).toBe("port_in_use");
    expect(await engine.exited).toBe(1);
    other.close();
  });
});

describe("end", () => {
  test("the lifeline closes: the process ends", async () => {
    const engine = tracked(await EngineChild.ready());
    engine.process.stdin?.end();
    expect(await engine.exited).toBe(0);
  });

  test("the parent is gone: the process ends", async () => {
    const parent = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const engine = tracked(await EngineChild.ready({ parentPid: parent.pid as number }));
    parent.kill("SIGKILL");
    expect(await engine.exited).toBe(0);
  });

  test("asked to drain over HTTP: the process ends", async () => {
    const engine = tracked(await EngineChild.ready());
    expect((await engine.call("POST", ENGINE_ROUTES.drain.path)).status).toBe(202);
    expect(await engine.exited).toBe(0);
  });

  test("SIGTERM: what runs finishes, what comes is refused, then the process ends", async () => {
    const engine = tracked(await EngineChild.ready());
    const response = await engine.start(endless(300));
    let asked: Promise<Response> | null = null;
    const events = await readEvents(response, (event) => {
      if (asked !== null || event.type !== "text") return;
      engine.process.kill("SIGTERM");
      asked = eventually(async () => {
        const refused = await engine.start(text("x", { maxTokens: 1 }));
        if (refused.status === 503) return refused;
        await refused.text();
        return null;
      }, "a refusal") as Promise<Response>;
    });
    expect(await ((await asked) as Response | null)?.json()).toMatchObject({ error: { code: "draining" } });
    expect(said(events).tokens.length).toBe(300);
    expect(events.at(-1)?.type).toBe("usage");
    expect(await engine.exited).toBe(0);
  });

  test("native code does not come back: the process ends, so that it can be started anew", async () => {
    const engine = tracked(await EngineChild.ready({ stallMs: 1500 }));
    // Each letter doubles the places in the grammar where the text may be.
    const grammar = 'root ::= x\nx ::= [a-z ] x "1"? | [a-z ] x "2"? | [a-z ]';
    const stuck = engine.generate(
      text("aaaa", { sampling: { temperature: 1 }, maxTokens: 60, format: { kind: "grammar", grammar } }),
    );
    await expect(stuck).rejects.toThrow();
    expect(await engine.exited).toBe("SIGKILL");
  });

  test("what does not finish in time is told so", async () => {
    const engine = tracked(await EngineChild.ready({ drainMs: 50 }));
    const events = await readEvents(await engine.start(endless(3500)), (event) => {
      if (event.type === "start") engine.process.kill("SIGTERM");
    });
    expect(events.at(-1)).toMatchObject({ type: "error", error: { code: "draining" } });
    expect(await engine.exited).toBe(0);
  });
});

describe("a continuation says what the unbroken answer said", () => {
  let engine: EngineChild;
  beforeAll(async () => {
    engine = await EngineChild.ready();
  });
  afterAll(() => engine.stop());

  const MAX_TOKENS = 32;
  const EVERY = 5;
  const weather = {
    name: "weather",
    description: "The weather in a town",
    parameters: {
      type: "object",
      properties: { town: { type: "string" }, days: { type: "integer", minimum: 1 } },
      required: ["town"],
    },
  };
  const schema = {
    type: "object",
    properties: { name: { type: "string" }, legs: { type: "integer" } },
    required: ["name", "legs"],
  };
  const hot = { temperature: 0.9, seed: 7 };
  const kinds: Record<string, (question: string) => Ask> = {
    greedy: (question) => chat(question),
    "temperature with a seed": (question) => chat(question, { sampling: hot }),
    "every penalty": (question) =>
      chat(question, {
        sampling: {
          ...hot,
          topP: 0.95,
          topK: 60,
          repeatPenalty: 1.2,
          presencePenalty: 0.5,
          dry: { multiplier: 0.8 },
          logitBias: { "40": 1 },
        },
      }),
    "a json schema": (question) => chat(question, { sampling: hot, format: { kind: "json-schema", schema } }),
    "a required tool": (question) => ({
      input: {
        kind: "chat",
        messages: [{ role: "user", content: question }],
        tools: [weather],
        toolChoice: { kind: "required" },
      },
      sampling: hot,
    }),
    "a tool if it likes": (question) => ({
      input: { kind: "chat", messages: [{ role: "user", content: question }], tools: [weather] },
      sampling: hot,
    }),
    "stop sequences": (question) => chat(question, { stop: ["er", " the", "zzz"], sampling: hot }),
    "two choices": (question) => chat(question, { n: 2, sampling: hot }),
    "bytes of no character": (question) => text(question, { sampling: { temperature: 3, seed: 5 }, ignoreEos: true }),
  };
  const questions = ["What is Arriero?", "How do I add a model? 🦙", "Say ñandú."];

  /**
   * The draws are the same, the numbers drawn from are so but for rounding: attention adds up half floats in the order
   * of the cells, and a draw near the edge of two tokens may fall on the other side. Arg max has no such edges but ties.
   */
  const ROUNDING_NATS = 0.05;
  /** For each choice, of some twenty continuations: a wrong replay would diverge behind nearly every cut, rounding does at few places. */
  const EDGES_AT_MOST = 5;

  test.each(Object.keys(kinds))("%s", async (kind) => {
    const edges = new Set<string>();
    for (const question of questions) {
      const ask = { ...(kinds[kind] as (question: string) => Ask)(question), maxTokens: MAX_TOKENS, logprobs: 0 };
      const choices = indices(ask.n ?? 1);
      const unbroken = await engine.generate(ask);
      const longest = Math.max(...choices.map((choice) => said(unbroken, choice).tokens.length));
      const goOnAfter = async (cut: number): Promise<void> => {
        const before = choices.map((choice) => upTo(unbroken, choice, cut));
        const tokens = before.map((events, choice) => [...said(events, choice).tokens]);
        const resumed = await engine.generate({ ...ask, resume: { tokens } });
        for (const choice of choices) {
          const whole = said(unbroken, choice);
          const joined = said([...(before[choice] as GenerationEvent[]), ...resumed], choice);
          const common = commonLength(joined.tokens, whole.tokens);
          const [theirs, ours] = [logprobs(unbroken, choice), logprobs(resumed, choice)];
          for (let at = tokens[choice]?.length ?? 0, i = 0; at < common; at++, i++) {
            const drawn = ours[i];
            if (drawn === undefined) continue;
            expect(Math.abs((theirs[at] as number) - drawn), `token ${at}`).toBeLessThan(ROUNDING_NATS);
          }
          if (common === whole.tokens.length) {
            expect(joined, `${question}, cut after ${cut}, choice ${choice}`).toEqual(whole);
            expect(usage(resumed)).toBe(usage(unbroken));
          } else edges.add(`${question}, choice ${choice}, token ${common}`);
        }
      };
      // In company: what others ask beside must not matter either.
      await Promise.all(Array.from({ length: Math.ceil(longest / EVERY) }, (_, i) => goOnAfter(1 + i * EVERY)));
    }
    expect([...edges].length, [...edges].join("; ")).toBeLessThanOrEqual(
      kind === "greedy" ? 0 : EDGES_AT_MOST * (kind === "two choices" ? 2 : 1),
    );
  });

  /** A choice's events until it had `count` tokens; the finish is lost. */
  function upTo(events: readonly GenerationEvent[], choice: number, count: number): GenerationEvent[] {
    const taken: GenerationEvent[] = [];
    let tokens = 0;
    for (const event of events) {
      if (event.type === "start" || event.type === "usage" || event.type === "error" || event.type === "finish") continue;
      if (event.choice !== choice) continue;
      if (tokens >= count) break;
      taken.push(event);
      tokens += event.tokens.length;
    }
    return taken;
  }

  function commonLength(a: readonly number[], b: readonly number[]): number {
    const differs = a.findIndex((token, i) => token !== b[i]);
    return differs < 0 ? a.length : differs;
  }

  /** One for each token; a tool call's tokens have none. */
  function logprobs(events: readonly GenerationEvent[], choice: number): (number | undefined)[] {
    return events.flatMap((event) => {
      if (event.type === "start" || event.type === "usage" || event.type === "error" || event.choice !== choice) return [];
      const known = event.type === "text" || event.type === "reasoning" ? (event.logprobs ?? []) : [];
      return event.tokens.map((_, i) => known[i]?.logprob);
    });
  }

  function usage(events: readonly GenerationEvent[]): number | null {
    const last = events.at(-1);
    return last?.type === "usage" ? last.completionTokens : null;
  }

  const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
});

describe("order and bounds", () => {
  test("a realtime request takes the place of a batch one", async () => {
    const engine = tracked(await EngineChild.ready({ maxRunning: 2 }));
    const ended: string[] = [];
    let urgent: Promise<unknown> | null = null;
    const askUrgent = async () => {
      await engine.generate(endless(10, { priority: "realtime" }));
      ended.push("realtime");
    };
    const batch = Array.from({ length: 4 }, async (_, i) => {
      const response = await engine.start(endless(150, { priority: "batch", client: `c${i}` }));
      const events = await readEvents(response, (event) => {
        if (event.type === "text") urgent ??= askUrgent();
      });
      expect(said(events).tokens.length).toBe(150);
      ended.push("batch");
    });
    await Promise.all(batch);
    await urgent;
    expect(ended).toEqual(["realtime", "batch", "batch", "batch", "batch"]);
  });

  test("a full queue refuses with 429 and a time to wait, and serves all it took", async () => {
    const engine = tracked(await EngineChild.ready({ maxRunning: 1, queueLimit: 2 }));
    const responses = await Promise.all(Array.from({ length: 8 }, () => engine.start(endless(200))));
    const refused = responses.filter((response) => !response.ok);
    expect(refused.length).toBe(5);
    for (const response of refused) {
      expect(response.status).toBe(429);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(await response.json()).toMatchObject({ error: { code: "queue_full" } });
    }
    for (const response of responses.filter((each) => each.ok)) expect(said(await readEvents(response)).tokens.length).toBe(200);
  });

  test("a caller who leaves frees the place at once", async () => {
    const engine = tracked(await EngineChild.ready({ maxRunning: 1, queueLimit: 2 }));
    const leaving = new AbortController();
    const left = readEvents(await engine.start(endless(3500), leaving.signal), () => leaving.abort());
    await expect(left).rejects.toThrow("abort");
    expect(said(await engine.generate(endless(5))).tokens.length).toBe(5);
    await eventually(async () => {
      const status = (await (await engine.call("GET", ENGINE_ROUTES.status.path)).json()) as {
        requestsRunning: number;
        requestsWaiting: number;
      };
      return status.requestsRunning + status.requestsWaiting === 0;
    }, "an idle replica");
  });
});

const adapters = existsSync(DEMO_ADAPTERS) ? readdirSync(DEMO_ADAPTERS).filter((name) => name.endsWith(".gguf")) : [];
describe.runIf(adapters.length > 0)("adapters", () => {
  const paths = Object.fromEntries(adapters.map((name) => [name.replace(/\.gguf$/, ""), join(DEMO_ADAPTERS, name)]));

  test("each answers in its own way, side by side as alone, and shares no cells with another", async () => {
    const engine = tracked(await EngineChild.ready({ model: { name: "demo", path: DEMO_MODEL, adapters: paths } }));
    const names = [null, ...Object.keys(paths)];
    const ask = (adapter: string | null) => engine.generate(chat("What is Arriero?", { adapter, maxTokens: 60 }));
    const alone: string[] = [];
    for (const name of names) {
      const first = await ask(name);
      expect(cached(first), `${name} at first`).toBe(0);
      const again = await ask(name);
      expect(cached(again), `${name} again`).toBeGreaterThan(0);
      expect(said(again)).toEqual(said(first));
      alone.push(said(first).text);
    }
    expect(new Set(alone).size).toBe(names.length);
    const together = await Promise.all([...names, ...names].map(ask));
    expect(together.map((events) => said(events).text)).toEqual([...alone, ...alone]);
  });

  test("one that does not fit the model fails its own request only", async () => {
    const broken = join(folder, "broken.gguf");
    const bytes = Buffer.from(readFileSync(Object.values(paths)[0] as string));
    // A tensor that the model does not have.
    const at = bytes.indexOf("blk.0.");
    bytes.write("blk.9.", at);
    writeFileSync(broken, bytes);
    const engine = tracked(await EngineChild.ready({ model: { name: "demo", path: DEMO_MODEL, adapters: { broken } } }));
    const running = engine.generate(endless(300));
    const response = await engine.start(text("x", { adapter: "broken" }));
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: "model_load_failed" } });
    expect(said(await running).tokens.length).toBe(300);
  });
});

function cached(events: readonly GenerationEvent[]): number | null {
  const [start] = events;
  return start?.type === "start" ? start.cachedTokens : null;
}
