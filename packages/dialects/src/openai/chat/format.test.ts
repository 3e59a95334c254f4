import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import { describe, expect, test } from "vitest";
import { CONTEXT, decode, finish, gather, logprob, START, scripted, text, USAGE } from "../../testing/scripted-events.ts";
import { fixture } from "../testing/fixture.ts";
import { collectChat, streamChat } from "./format.ts";
import { type ChatPresentation, parseChat } from "./parse.ts";

function presented(extra: Record<string, unknown> = {}): ChatPresentation {
  return parseChat({ model: "m", messages: [{ role: "user", content: "hi" }], ...extra }, CONTEXT).presentation;
}

async function bytes(frames: AsyncIterable<string>): Promise<string> {
  let all = "";
  for await (const frame of frames) all += frame;
  return all;
}

function call(index: number, args: string, opening: { id: string; name: string } | object = {}): GenerationEvent {
  return { type: "tool-call", choice: 0, tokens: [], index, arguments: args, ...opening };
}

const THINKING: GenerationEvent = { type: "reasoning", choice: 0, tokens: [1], text: "Hm." };
const CALLS: GenerationEvent[] = [
  START,
  call(0, "", { id: "call_a", name: "weather" }),
  call(0, '{"city":'),
  call(0, ""),
  call(0, '"Puno"}'),
  call(1, "{}", { id: "call_b", name: "time" }),
  finish("tool-calls"),
  USAGE,
];

describe("frames", () => {
  test("text with reasoning and usage", async () => {
    const events = [START, THINKING, text('Hola "Ana"\n'), text(""), text("🦙"), finish(), USAGE];
    const frames = streamChat(scripted(events), presented({ stream_options: { include_usage: true } }));
    expect(await bytes(frames)).toBe(fixture("chat-text.sse"));
  });

  test("tool calls", async () => {
    expect(await bytes(streamChat(scripted(CALLS), presented()))).toBe(fixture("chat-tools.sse"));
  });

  test("an error after the first frame is the last frame, without [DONE]", async () => {
    const { body } = new ArrieroError("replica_failed", "Replica r-0 exited.");
    const frames = streamChat(scripted([START, text("half an"), { type: "error", error: body }]), presented());
    expect(await bytes(frames)).toBe(fixture("chat-broken.sse"));
  });

  test("events that just stop end in replica_failed, never in a clean end", async () => {
    const frames = await gather(streamChat(scripted([START, text("half")]), presented()));
    expect(frames.at(-1)).toContain('"code":"replica_failed"');
  });

  test("an error before the first frame is thrown, for the status line", async () => {
    const { body } = new ArrieroError("queue_full", "256 requests wait.", { retryAfter: 2 });
    const frames = streamChat(scripted([{ type: "error", error: body }]), presented());
    await expect(frames.next()).rejects.toMatchObject({ code: "queue_full" });
    await expect(streamChat(scripted([]), presented()).next()).rejects.toMatchObject({ code: "replica_failed" });
  });

  test("log probabilities wait for their text, and the last ones for the finish", async () => {
    const events = [
      START,
      text("", 0, [logprob("a")]),
      text("ab", 0, [logprob("b")]),
      text("", 0, [logprob("c")]),
      finish(),
      USAGE,
    ];
    const frames = decode(await gather(streamChat(scripted(events), presented({ logprobs: true, top_logprobs: 2 }))));
    const held = frames.map(
      (frame) => (frame as { choices?: [{ logprobs?: { content: { token: string }[] } }] }).choices?.[0].logprobs,
    );
    expect(held.map((each) => each?.content.map(({ token }) => token))).toEqual([undefined, ["a", "b"], ["c"], undefined]);
  });

  test("each choice opens with its role", async () => {
    const events = [START, text("x", 1), text("y", 0), finish("stop", 0), finish("length", 1), USAGE];
    const frames = decode(await gather(streamChat(scripted(events), presented({ n: 2 }))));
    const choices = frames.slice(0, 2).map((frame) => (frame as { choices: unknown[] }).choices[0]);
    expect(choices).toMatchObject([
      { index: 0, delta: { role: "assistant" } },
      { index: 1, delta: { role: "assistant" } },
    ]);
  });

  test("legacy functions are answered in kind", async () => {
    const legacy = presented({ functions: [{ name: "weather" }] });
    const frames = decode(await gather(streamChat(scripted(CALLS.slice(0, 5).concat(finish("tool-calls"), USAGE)), legacy)));
    expect(frames[1]).toMatchObject({ choices: [{ delta: { function_call: { name: "weather", arguments: "" } } }] });
    expect(frames.at(-2)).toMatchObject({ choices: [{ finish_reason: "function_call" }] });
  });

  test("leaving early returns the events", async () => {
    let returned = false;
    async function* endless(): AsyncGenerator<GenerationEvent> {
      try {
        yield START;
        for (;;) yield text("x");
      } finally {
        returned = true;
      }
    }
    for await (const _ of streamChat(endless(), presented())) break;
    expect(returned).toBe(true);
  });
});

describe("whole", () => {
  test("text, reasoning and usage", async () => {
    const whole = await collectChat(
      scripted([START, THINKING, text("Hola"), text(" Ana"), finish("length"), USAGE]),
      presented(),
    );
    expect(whole).toEqual({
      id: "chatcmpl-r1",
      object: "chat.completion",
      created: 1_750_000_000,
      model: "m",
      system_fingerprint: "fp_test",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hola Ana", refusal: null, reasoning_content: "Hm." },
          logprobs: null,
          finish_reason: "length",
        },
      ],
      usage: {
        prompt_tokens: 9,
        completion_tokens: 3,
        total_tokens: 12,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    });
  });

  test("tool calls leave content null", async () => {
    const { choices } = await collectChat(scripted(CALLS), presented());
    expect(choices[0]?.message).toEqual({
      role: "assistant",
      content: null,
      refusal: null,
      tool_calls: [
        { id: "call_a", type: "function", function: { name: "weather", arguments: '{"city":"Puno"}' } },
        { id: "call_b", type: "function", function: { name: "time", arguments: "{}" } },
      ],
    });
  });

  test("a legacy function call", async () => {
    const { choices } = await collectChat(scripted(CALLS.slice(0, 5).concat(finish("tool-calls"), USAGE)), {
      ...presented(),
      legacyFunctions: true,
    });
    expect(choices[0]).toMatchObject({
      message: { content: null, function_call: { name: "weather", arguments: '{"city":"Puno"}' } },
      finish_reason: "function_call",
    });
  });

  test("an impossible token is -9999, since JSON has no -Infinity", async () => {
    const never = { ...logprob("a"), logprob: Number.NEGATIVE_INFINITY };
    const { choices } = await collectChat(
      scripted([START, text("a", 0, [never]), finish(), USAGE]),
      presented({ logprobs: true }),
    );
    expect(choices[0]?.logprobs?.content[0]).toMatchObject({ token: "a", logprob: -9999, bytes: [97] });
  });

  test("errors and broken ends are thrown", async () => {
    const { body } = new ArrieroError("context_length_exceeded", "Too long.");
    await expect(collectChat(scripted([START, { type: "error", error: body }]), presented())).rejects.toMatchObject({
      code: "context_length_exceeded",
    });
    await expect(collectChat(scripted([START, text("half")]), presented())).rejects.toMatchObject({ code: "replica_failed" });
    await expect(collectChat(scripted([START, text("x", 3)]), presented())).rejects.toMatchObject({ code: "internal" });
  });
});
