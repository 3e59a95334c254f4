import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { eventually } from "./testing/eventually.ts";
import {
  chat,
  readAnswer,
  readSse,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from "./testing/test-gateway.ts";

const QUICK_RESTART = { maxFailedStarts: 3, stableMs: 10_000, firstWaitMs: 5, maxWaitMs: 20, maxWaitAfterReadyMs: 20 };
const open: TestGateway[] = [];

async function gateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const started = await startTestGateway({ ...options, host: { limits: { restart: QUICK_RESTART }, ...options.host } });
  open.push(started);
  return started;
}

afterEach(async () => {
  const gateways = open.splice(0);
  await Promise.all(gateways.map((each) => each.close()));
});

/** Reads to the end, showing what has come so far after every whole frame. */
async function readStream(response: Response, onFrames: (sofar: string) => void): Promise<string> {
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.endsWith("\n\n")) onFrames(text);
  }
  return text;
}

const streamed = async (from: TestGateway, prompt: string, more: Record<string, unknown> = {}) => {
  const body = chat(prompt, { stream: true, stream_options: { include_usage: true }, ...more });
  return readSse(await (await from.post("/v1/chat/completions", body)).text());
};

describe("a replica killed in the middle of an answer", () => {
  it("is not noticed in a stream: text, one role chunk, one usage", async () => {
    const from = await gateway();
    const replica = await from.ready();
    const whole = await streamed(from, "what is it?");
    expect(whole).toMatchObject({ done: true, error: null, usage: { completion_tokens: 41 } });

    const body = chat("delay:8 what is it?", { stream: true, stream_options: { include_usage: true } });
    const answer = await from.post("/v1/chat/completions", body);
    let killed = false;
    const text = await readStream(answer, (sofar) => {
      if (killed || readSse(sofar).chunks.length < 8) return;
      killed = true;
      process.kill(replica.pid!, "SIGKILL");
    });
    const broken = readSse(text);
    expect(killed).toBe(true);
    expect(broken).toMatchObject({ done: true, error: null, text: whole.text });
    expect(broken.usage).toEqual({
      ...whole.usage,
      prompt_tokens: broken.usage.prompt_tokens,
      total_tokens: broken.usage.total_tokens,
    });
    expect(broken.chunks).toHaveLength(whole.chunks.length);
    expect(replica.restarts).toBe(1);
    expect((await from.lastLine("/v1/chat/completions")).continuations).toBe(1);
  });

  it("is not noticed in thirty answers in a row, each cut after another number of tokens", async () => {
    const from = await gateway();
    const replica = await from.ready();
    const whole = await streamed(from, "tell me");
    for (let after = 1; after <= 30; after++) {
      const answer = await streamed(from, `crash-after:${after} tell me`);
      expect(answer, `cut after ${after}`).toMatchObject({ done: true, error: null, text: whole.text });
      expect(answer.usage.completion_tokens).toBe(whole.usage.completion_tokens);
    }
    expect(replica.restarts).toBe(30);
  }, 60_000);

  it("is not noticed without streaming, with several choices, or in a tool call", async () => {
    const from = await gateway();
    await from.ready();
    const whole = await readAnswer(from.post("/v1/chat/completions", chat("crash-after:9", { n: 2 })));
    expect(whole.choices).toHaveLength(2);
    expect(whole.usage.completion_tokens).toBe(82);
    const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }];
    const called = await readAnswer(from.post("/v1/chat/completions", chat("call-tool crash-after:2", { tools })));
    expect(called.choices[0]!.message.tool_calls[0]!.function).toEqual({ name: "weather", arguments: '{"city":"Lima"}' });
  });

  it("goes to the other replica without waiting for the restart", async () => {
    const from = await gateway({ host: { replicasPerModel: 2, limits: { restart: QUICK_RESTART } } });
    await from.ready();
    const answer = await streamed(from, "crash-after:5 again");
    expect(answer).toMatchObject({ done: true, error: null });
    expect(answer.text.trim().split(" ")).toHaveLength(40);
  });

  it("is retried before the first event, and ends in a coded error when every replica dies of the request", async () => {
    const from = await gateway();
    const replica = await from.ready();
    const response = await from.post("/v1/chat/completions", chat("crash-always", { stream: true }));
    expect(response.status).toBe(502);
    expect((await readAnswer(response)).error.code).toBe("replica_failed");
    expect(replica.restarts).toBeGreaterThanOrEqual(2);
    expect((await streamed(from, "still there?")).done).toBe(true);
  });

  it("ends a begun stream with an error frame and no [DONE] when no replica comes back in time", async () => {
    const folder = mkdtempSync(join(tmpdir(), "arriero-gateway-"));
    const holdReadyFile = join(folder, "may-become-ready");
    writeFileSync(holdReadyFile, "");
    const from = await gateway({ fault: { holdReadyFile }, gateway: { limits: { continueMs: 100 } } });
    await from.ready();
    rmSync(folder, { recursive: true });
    const answer = await streamed(from, "crash-after:3 for good");
    expect(answer).toMatchObject({ done: false, error: { code: "replica_unavailable" } });
    const metrics = await (await fetch(`${from.url}/metrics`)).text();
    expect(metrics).toContain('arriero_broken_answers_total{model="arriero-demo",code="replica_unavailable"} 1');
  });
});

describe("a replica that was told to go", () => {
  it("gives its answers to the other at once, and they are whole", async () => {
    const from = await gateway({ host: { replicasPerModel: 2, limits: { restart: QUICK_RESTART } } });
    await from.ready();
    const whole = await streamed(from, "what is it?");
    const answer = await from.post("/v1/chat/completions", chat("delay:25 what is it?", { stream: true }));
    let told = 0;
    const text = await readStream(answer, () => {
      const serving = from.fleet.list().find(({ outstanding }) => outstanding > 0);
      if (told > 0 || serving === undefined) return;
      told = serving.pid!;
      process.kill(told, "SIGTERM");
    });
    expect(readSse(text)).toMatchObject({ done: true, error: null, text: whole.text });
    expect((await from.lastLine("/v1/chat/completions")).continuations).toBe(1);
    await eventually("its successor", () => from.fleet.list().every(({ pid, state }) => state === "ready" && pid !== told));
  });
});

describe("a replica that stalls", () => {
  it("is left for another attempt when it falls silent in a stream", async () => {
    const from = await gateway({ gateway: { limits: { idleMs: 100 } } });
    await from.ready();
    const answer = await streamed(from, "stall-after:6 go on");
    expect(answer).toMatchObject({ done: true, error: null });
    expect(answer.text.trim().split(" ")).toHaveLength(40);
  });

  it("ends in upstream_timeout when the first event does not come", async () => {
    const from = await gateway({ gateway: { limits: { firstEventMs: 150 } }, host: { limits: { stopGraceMs: 50 } } });
    await from.ready();
    const response = await from.post("/v1/chat/completions", chat("freeze"));
    expect(response.status).toBe(504);
    expect((await readAnswer(response)).error.code).toBe("upstream_timeout");
  });

  it("is killed and replaced when its whole process hangs, and the answer goes on", async () => {
    const limits = { restart: QUICK_RESTART, probeEveryMs: 30, probeTimeoutMs: 150, probeFailures: 2 };
    const from = await gateway({ host: { limits } });
    const replica = await from.ready();
    const answer = streamed(from, "delay:10 hang in the middle");
    await eventually("the answer has begun", async () => replica.outstanding > 0);
    const pid = replica.pid!;
    process.kill(pid, "SIGSTOP");
    expect(await answer).toMatchObject({ done: true, error: null });
    expect(replica.pid).not.toBe(pid);
  });
});

describe("a replica that refuses", () => {
  it("passes queue_full on with Retry-After when no other has room", async () => {
    const from = await gateway({ host: { replicasPerModel: 2 } });
    await from.ready();
    const response = await from.post("/v1/chat/completions", chat("queue-full"));
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("7");
    expect((await readAnswer(response)).error).toMatchObject({ code: "queue_full", type: "rate_limit_error" });
  });

  it("passes errors of the request on", async () => {
    const from = await gateway();
    const response = await from.post("/v1/chat/completions", chat("too-long", { stream: true }));
    expect(response.status).toBe(400);
    expect((await readAnswer(response)).error).toMatchObject({ code: "context_length_exceeded", param: "messages" });
  });

  it("answers a model that cannot be loaded with its error, not with a wait", async () => {
    const from = await gateway({ fault: { exitAtStart: true } });
    const response = await from.post("/v1/chat/completions", chat("hello"));
    expect(response.status).toBe(500);
    const { error } = await readAnswer(response);
    expect(error.code).toBe("model_load_failed");
    expect(error.message).toContain("cannot map the weights: out of memory");
  });

  it("answers replica_unavailable when loading takes longer than a request may wait", async () => {
    const from = await gateway({ fault: { slowStartMs: 60_000 }, gateway: { limits: { loadMs: 200 } } });
    const response = await from.post("/v1/chat/completions", chat("hello"));
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect((await fetch(`${from.url}/ready`)).status).toBe(503);
  });
});

describe("a caller who leaves", () => {
  it("ends the generation on the replica", async () => {
    const from = await gateway();
    const replica = await from.ready();
    const controller = new AbortController();
    const body = chat("delay:20 long answer", { stream: true, max_tokens: 500 });
    const response = await from.post("/v1/chat/completions", body, { signal: controller.signal });
    await expect(
      readStream(response, (sofar) => {
        if (readSse(sofar).text !== "") controller.abort();
      }),
    ).rejects.toThrow();
    await eventually("the replica saw it", async () => (await from.status())[0]?.cancelled === 1);
    expect(replica.outstanding).toBe(0);
    const line = await from.lastLine("/v1/chat/completions");
    expect(line).toMatchObject({ status: 499, error: "cancelled" });
    expect(line.completionTokens).toBeGreaterThan(0);
  });

  it("ends it also while no byte of the answer was sent", async () => {
    const from = await gateway();
    const replica = await from.ready();
    const controller = new AbortController();
    const response = from.post("/v1/chat/completions", chat("delay:20 whole", { max_tokens: 500 }), {
      signal: controller.signal,
    });
    const left = expect(response).rejects.toThrow();
    await eventually("it runs", () => replica.outstanding === 1);
    controller.abort();
    await left;
    await eventually("the replica is free", () => replica.outstanding === 0);
  });

  it("is cut when it does not read, which frees the replica", async () => {
    const from = await gateway({ gateway: { limits: { slowReaderMs: 200 } } });
    const replica = await from.ready();
    const socket = connect(from.port, "127.0.0.1");
    socket.on("error", () => undefined);
    const body = JSON.stringify(chat("flood", { stream: true, max_tokens: 900_000 }));
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    socket.pause();
    await eventually("it runs", () => replica.outstanding === 1);
    await eventually("the replica is free", () => replica.outstanding === 0, 15_000);
    expect(await from.lastLine("/v1/chat/completions")).toMatchObject({ status: 499, error: "cancelled" });
    socket.destroy();
  });
});
