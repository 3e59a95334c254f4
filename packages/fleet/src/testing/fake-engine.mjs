// A stand-in for the engine's child process, for tests of supervisor and gateway: it speaks the same lines and routes,
// generates words by a hash of prompt, seed and position, and breaks on demand. It is plain JavaScript because it is
// run as a script, untranspiled. What a fault asks for does not change what is generated.
//
// Faults of the process come in the options (`fault`), faults of one request in the prompt:
//   crash-after:K   the process dies by SIGKILL after K tokens, unless the request is a continuation
//   crash-always    it dies before the first event, every time
//   stall-after:K   no more events after K tokens, unless the request is a continuation
//   freeze          the whole process stops answering (SIGSTOP)
//   queue-full      429 with Retry-After 7
//   delay:MS        time between tokens
//   evict           everything it held is gone, and it keeps nothing from then on
//   call-tool       the answer is a call of the first tool
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const options = JSON.parse(process.env.ARRIERO_ENGINE_OPTIONS ?? "{}");
const fault = options.fault ?? {};
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const EOS = 2;
/** What it says it holds: all that it was sent, until a prompt asks to `evict`. A token is a hundredth of the prompt. */
let held = [];
let keeps = true;
const counters = { running: 0, cancelled: 0, generated: 0 };
let loaded = false;
let draining = false;

if (fault.startsFile) {
  appendFileSync(fault.startsFile, `${process.pid}\n`);
  const starts = readFileSync(fault.startsFile, "utf8").trim().split("\n").length;
  if (starts <= (fault.failStarts ?? 0)) die(`start ${starts} fails on purpose`);
}
if (fault.secretFile) appendFileSync(fault.secretFile, JSON.stringify(Object.keys(process.env)));
if (fault.exitAtStart) die("cannot map the weights: out of memory");
if (fault.failed) {
  say({ event: "failed", error: fault.failed });
  process.exit(1);
}
if (fault.garbage) process.stdout.write(`llama_model_loader: noise\n{"event":"unknown"}\n{not json\n${"x".repeat(200_000)}\n`);

function die(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(3);
}

const server = createServer((request, response) => {
  if (request.method === "GET" && request.url === "/health") return json(response, 200, {});
  if (request.method === "GET" && request.url === "/ready") return json(response, loaded ? 200 : 503, {});
  if (request.headers.authorization !== `Bearer ${options.token}`) return refuse(response, 401, "unauthorized", "no token");
  if (request.method === "GET" && request.url === "/v1/prefixes") return json(response, 200, { prefixes: held, adapters: [] });
  if (request.method === "GET" && request.url === "/v1/status") return json(response, 200, status());
  if (draining) return refuse(response, 503, "draining", "going away");
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (request.url === "/v1/generate") return generate(body, response);
    if (request.url === "/v1/embed") {
      const vectors = body.inputs.map((input) => [1, 0, String(input).length]);
      return json(response, 200, { model: body.model, vectors, promptTokens: body.inputs.length });
    }
    if (request.url === "/v1/rerank") {
      const scores = body.documents.map((document) => document.length);
      return json(response, 200, { model: body.model, scores, promptTokens: body.documents.length });
    }
    if (request.url === "/v1/tokenize") return json(response, 200, tokenize(body));
    refuse(response, 404, "not_found", request.url);
  });
});

function json(response, code, value) {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function refuse(response, code, errorCode, message, extra = {}) {
  json(response, code, { error: { code: errorCode, message, hint: "a test", ...extra } });
}

function status() {
  return {
    id: options.id,
    state: draining ? "draining" : "ready",
    model: null,
    pid: process.pid,
    version: "fake",
    uptimeMs: process.uptime() * 1000,
    requestsRunning: counters.running,
    requestsWaiting: 0,
    kvCells: { used: 0, cached: 0, total: 0 },
    prefixHitRatio: 0,
    tokens: { prompt: 0, cached: 0, generated: counters.generated },
    rssBytes: process.memoryUsage().rss,
    cancelled: counters.cancelled,
  };
}

const hash = (text) => createHash("sha256").update(text).digest().readUInt32BE(0);
const FAULTS = /(crash-after|stall-after|delay):\d+|freeze/g;
const tokenAt = (prompt, seed, position) => 10 + (hash(`${prompt.replace(FAULTS, "").trim()}/${seed}/${position}`) % 30_000);

function promptOf(input) {
  if (input.kind === "text") return input.text;
  if (input.kind === "tokens") return input.tokens.join(" ");
  return input.messages.at(-1).content;
}

/** A token a word, with the blanks before it. */
function tokenize(body) {
  const texts = (body.text ?? promptOf(body.input)).match(/\s*\S+/g) ?? [];
  const tokens = texts.map((text) => 10 + (hash(text) % 30_000));
  return body.wantTexts ? { tokens, texts } : { tokens };
}

/** The events of one choice, each with the tokens since the last. Every fourth text is held back until the next token. */
function* choiceEvents(body, prompt, choice) {
  const adapter = body.adapter === null ? "" : `${body.adapter}:`;
  const total = body.maxTokens ?? 40;
  const seed = body.sampling.seed + choice;
  const tool = body.input.kind === "chat" && prompt.includes("call-tool") ? body.input.tools[0] : undefined;
  if (tool !== undefined) {
    const token = (position) => tokenAt(prompt, seed, position);
    yield { type: "tool-call", choice, tokens: [token(0)], index: 0, id: `call_${choice}`, name: tool.name, arguments: "" };
    yield { type: "tool-call", choice, tokens: [token(1), token(2)], index: 0, arguments: '{"city":' };
    yield { type: "tool-call", choice, tokens: [token(3)], index: 0, arguments: '"Lima"}' };
    yield { type: "finish", choice, tokens: [EOS], reason: "tool-calls", stopSequence: null };
    return;
  }
  let held = "";
  for (let position = 0; position < total; position++) {
    const token = tokenAt(prompt, seed, position);
    const word = `${adapter}w${token} `;
    const type = prompt.includes("think") && position < 4 ? "reasoning" : "text";
    if (position % 4 === 3 && position + 1 < total) {
      held = word;
      yield { type, choice, tokens: [token], text: "" };
    } else {
      yield { type, choice, tokens: [token], text: held + word };
      held = "";
    }
  }
  const stopped = body.maxTokens === null;
  yield { type: "finish", choice, tokens: stopped ? [EOS] : [], reason: stopped ? "stop" : "length", stopSequence: null };
}

async function generate(body, response) {
  const prompt = promptOf(body.input);
  const number = (name) => Number(prompt.match(new RegExp(`${name}:(\\d+)`))?.[1] ?? Number.NaN);
  if (prompt.includes("queue-full")) return refuse(response, 429, "queue_full", "the queue holds 0 of 0", { retryAfter: 7 });
  if (prompt.includes("too-long")) return refuse(response, 400, "context_length_exceeded", "9 > 8", { param: "messages" });
  if (prompt.includes("crash-always")) process.kill(process.pid, "SIGKILL");
  if (prompt.includes("freeze") && body.resume === null) process.kill(process.pid, "SIGSTOP");
  if (prompt.includes("evict")) keeps = false;
  held = keeps ? [...held, ...(body.prefixMarks ?? []).map(({ key, share }) => ({ key, tokens: Math.round(share * 100) }))] : [];
  counters.running++;
  let open = true;
  let finished = false;
  response.on("close", () => {
    open = false;
    counters.running--;
    if (!finished) counters.cancelled++;
  });
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  let position = 0;
  const emit = (event) => open && response.write(`${JSON.stringify([position++, event])}\n`);
  const promptTokens = prompt.split(/\s+/).length;
  emit({ type: "start", id: body.id, model: body.model, promptTokens, cachedTokens: body.resume === null ? 0 : promptTokens });

  const choices = Array.from({ length: body.n }, (_, choice) => ({
    events: choiceEvents(body, prompt, choice),
    replay: [...(body.resume?.tokens[choice] ?? [])],
  }));
  const active = new Set(choices);
  let sent = 0;
  let completionTokens = 0;
  while (active.size > 0 && open) {
    for (const choice of [...active]) {
      const next = choice.events.next();
      if (next.done) {
        active.delete(choice);
        continue;
      }
      const event = next.value;
      completionTokens += event.tokens.length;
      if (event.tokens.length > 0 && choice.replay.length > 0) {
        const expected = choice.replay.splice(0, event.tokens.length);
        if (expected.join() !== event.tokens.join()) {
          emit({
            type: "error",
            error: { code: "internal", message: `replay differs: ${expected} is not ${event.tokens}`, hint: "" },
          });
          finished = true;
          return response.end();
        }
        // A choice that had finished says so again: the caller must know it already.
        if (event.type !== "finish") continue;
      }
      if (!Number.isNaN(number("delay"))) await new Promise((resolve) => setTimeout(resolve, number("delay")));
      else if (sent % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (body.resume === null && sent >= number("stall-after")) return;
      emit(event);
      sent += event.tokens.length;
      counters.generated += event.tokens.length;
      if (body.resume === null && sent >= number("crash-after")) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        process.kill(process.pid, "SIGKILL");
        return;
      }
    }
  }
  const timings = { queueMs: 0, prefillMs: 1, decodeMs: 1, ttftMs: 1 };
  emit({ type: "usage", promptTokens, cachedTokens: 0, completionTokens, reasoningTokens: 0, timings });
  finished = true;
  response.end();
}

function leave() {
  if (fault.ignoreTerm) return;
  draining = true;
  loaded = false;
  say({ event: "draining" });
  server.close(() => process.exit(0));
  server.closeIdleConnections();
}

process.on("SIGTERM", leave);
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();

if (!fault.neverListen) {
  server.listen(0, "127.0.0.1", () => {
    process.stderr.write(`${JSON.stringify({ level: 30, time: 0, pid: process.pid, msg: "listening" })}\n`);
    say({ event: "listening", url: `http://127.0.0.1:${server.address().port}` });
    const ready = () => {
      if (fault.holdReadyFile && !existsSync(fault.holdReadyFile)) return setTimeout(ready, 5);
      loaded = true;
      say({ event: "ready" });
    };
    setTimeout(ready, fault.slowStartMs ?? 0);
  });
}
