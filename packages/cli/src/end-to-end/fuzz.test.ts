import { readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { ERROR_CATALOGUE, type ErrorCode } from "@arriero/spec";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { fuzzDialect } from "./fuzz-dialects.ts";
import { Random } from "./fuzz-random.ts";
import { type FuzzRequest, fuzzRequest } from "./fuzz-requests.ts";
import { sendWire, wildWire } from "./fuzz-wire.ts";
import { eventually, type RunningServer, startServer } from "./running-server.ts";

/** `npm run soak -- fuzz` asks for 100,000, `npm run soak -- fuzz=5000` for so many. */
const SOAK = process.env["ARRIERO_SOAK"] === "1";
const COUNT = Number(process.env["ARRIERO_SOAK_FUZZ"] ?? (SOAK ? 100_000 : 1_500));
/** Without a soak the same requests each time: a build fails for what changed and not by the draw. */
const SEED = Number(process.env["ARRIERO_SOAK_SEED"] ?? (SOAK ? Date.now() % 1_000_000 : 20_261_121));
const CONCURRENCY = 24;
/** No answer may take this long, whatever else the box is doing. */
const DEADLINE_MS = 60_000;
/** Of gateway and replica together, from the middle of the run to its end: what grows with the requests has no place. */
const MAX_GROWTH_BYTES = 100 * 1024 ** 2;
const DEADLINE_MS_IN_ALL = 4 * 3_600_000;
const MAX_REPORTED = 12;
/** Node's own answer to a transfer coding it does not know. */
const REFUSED_BY_NODE = [501];

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

let server: RunningServer;
const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
beforeAll(async () => {
  // No name that is made up here is anybody's business elsewhere.
  vi.stubEnv("ARRIERO_LIBRARY_PUBLISHERS", "none");
  server = await startServer();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  agent.destroy();
  await server.stop();
});

function send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const length = { "content-length": String(body.length) };
    const call = httpRequest({ hostname, port, method, path, agent, signal, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      response.on("end", () => {
        const type = response.headers["content-type"] ?? "";
        resolve({ status: response.statusCode ?? 0, type, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** Routes whose answers are looked at closely; of the others any well-formed one will do. */
const OPENAI = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"];

/** What is wrong with an answer; null: nothing. */
function fault(request: FuzzRequest, answer: Answer): string | null {
  try {
    if (answer.status === 204) return request.method === "OPTIONS" ? null : "no content";
    const closely = OPENAI.includes(request.path);
    if (answer.status === 200) return closely ? faultOfSuccess(request, answer) : faultOfForm(request, answer);
    if (answer.status < 400 || answer.status > 499) return `status ${answer.status}`;
    if (request.method === "HEAD") return null;
    const body = JSON.parse(answer.text) as { error?: unknown; detail?: unknown };
    if (closely) return faultOfError(body.error, answer.status);
    // Each dialect has its own error; what all have is a text.
    const said =
      typeof body.error === "object" ? (body.error as { message?: unknown } | null)?.message : (body.error ?? body.detail);
    return typeof said === "string" && said.length > 0 ? null : "an error without a message";
  } catch (thrown) {
    return `not well formed: ${String(thrown)}`;
  }
}

/** Lines and frames of JSON, or JSON as a whole. */
function faultOfForm({ method }: FuzzRequest, { text, type }: Answer): string | null {
  if (method === "HEAD" || type.startsWith("text/plain")) return null;
  if (type.startsWith("application/x-ndjson")) for (const line of text.split("\n")) if (line !== "") JSON.parse(line);
  if (type.startsWith("application/json")) JSON.parse(text);
  if (!type.startsWith("text/event-stream")) return null;
  const data = text.split("\n").flatMap((line) => (line.startsWith("data:") ? [line.slice(5).trim()] : []));
  for (const each of data) if (each !== "[DONE]") JSON.parse(each);
  return data.length > 0 ? null : "an empty stream";
}

function faultOfError(error: unknown, status: number | null): string | null {
  const { code, message } = error as { code: ErrorCode; message: unknown };
  const entry = ERROR_CATALOGUE[code];
  if (entry === undefined) return `code ${code} is not in the catalogue`;
  if (status === null ? entry.status >= 500 : entry.status !== status) return `code ${code} with status ${status ?? 200}`;
  return typeof message === "string" && message.length > 0 ? null : "no message";
}

function faultOfSuccess(request: FuzzRequest, answer: Answer): string | null {
  if (request.method !== "POST") return null;
  if (answer.type.startsWith("text/event-stream")) return faultOfStream(answer.text);
  const body = JSON.parse(answer.text) as { choices?: unknown[]; data?: unknown[] };
  if (body.data !== undefined) return body.data.length > 0 && body.data.every(isEmbedding) ? null : "a vector that is none";
  return Array.isArray(body.choices) && body.choices.length > 0 && body.choices.every(isChoice) ? null : "a choice that is none";
}

function faultOfStream(text: string): string | null {
  const frames = text.split("\n\n").filter((frame) => frame !== "" && !frame.startsWith(":"));
  const last = frames.pop();
  for (const frame of frames) {
    const chunk = JSON.parse(frame.slice("data: ".length)) as { choices?: unknown };
    if (!Array.isArray(chunk.choices)) return `a frame without choices: ${frame.slice(0, 200)}`;
  }
  if (last === "data: [DONE]") return null;
  return last === undefined
    ? "an empty stream"
    : faultOfError((JSON.parse(last.slice("data: ".length)) as { error: unknown }).error, null);
}

function isChoice(choice: unknown): boolean {
  const { text, message, finish_reason } = choice as { text?: unknown; message?: { role: unknown }; finish_reason: unknown };
  const ended = ["stop", "length", "tool_calls", "function_call"].includes(finish_reason as string);
  return ended && (typeof text === "string" || message?.role === "assistant");
}

function isEmbedding(entry: unknown): boolean {
  const { embedding } = entry as { embedding: unknown };
  if (typeof embedding === "string") return embedding.length > 0;
  return Array.isArray(embedding) && embedding.length > 0 && embedding.every(Number.isFinite);
}

async function ask(): Promise<unknown> {
  const body = { model: "arriero-demo", messages: [{ role: "user", content: "What is Arriero?" }], temperature: 0 };
  const path = "/v1/chat/completions";
  const headers = { "content-type": "application/json" };
  const { text } = await send({ label: "control", method: "POST", path, headers, body: Buffer.from(JSON.stringify(body)) });
  return (JSON.parse(text) as { choices: { message: unknown }[] }).choices[0]?.message;
}

function residentBytes(pids: readonly number[]): number {
  return pids.reduce(
    (sum, pid) => sum + Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024,
    0,
  );
}

const MiB = (bytes: number) => Math.round(bytes / 1024 ** 2);

test(
  `${COUNT} fuzzed requests: answered or refused with a code, and the server is as before`,
  async () => {
    console.log(`fuzz seed ${SEED}`);
    const expected = await ask();
    const replicas = server.replicaPids();
    const pids = [server.process.pid as number, ...replicas];
    const before = residentBytes(pids);
    const random = new Random(SEED);
    const faults: string[] = [];
    const statuses = new Map<number, number>();
    let slowest = { ms: 0, label: "" };
    let left = COUNT;
    const started = performance.now();
    let middle = before;
    const { port } = new URL(server.url);
    const worker = async () => {
      while (left > 0 && faults.length < MAX_REPORTED) {
        if (--left === COUNT >> 1) middle = residentBytes(pids);
        if (random.chance(0.05)) {
          const bytes = wildWire(random);
          const report = (what: string) => faults.push(`${what} | bytes: ${bytes.subarray(0, 1500).toString("latin1")}`);
          const answered = await sendWire(Number(port), bytes, DEADLINE_MS).catch((thrown: unknown) =>
            report(`no end: ${String(thrown)}`),
          );
          if (Array.isArray(answered) && answered.some((status) => status >= 500 && !REFUSED_BY_NODE.includes(status)))
            report(`status ${answered}`);
          continue;
        }
        const request = random.chance(0.4) ? fuzzRequest(random) : fuzzDialect(random);
        const sent = performance.now();
        const report = (what: string) =>
          faults.push(
            `${what} | ${request.label} | ${request.body.length} bytes: ${request.body.subarray(0, 1500).toString("utf8")}`,
          );
        try {
          const answer = await send(request);
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          const what = fault(request, answer);
          if (what !== null) report(`${what} | ${answer.text.slice(0, 600)}`);
        } catch (thrown) {
          report(`no answer: ${String(thrown)}`);
        }
        const ms = performance.now() - sent;
        if (ms > slowest.ms) slowest = { ms, label: request.label };
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    const seconds = (performance.now() - started) / 1000;
    const after = residentBytes(pids);
    const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    console.log(`fuzz: ${counts.join(", ")} in ${seconds.toFixed(1)} s; slowest ${Math.round(slowest.ms)} ms (${slowest.label})`);
    console.log(`fuzz: resident at the start ${MiB(before)} MiB, in the middle ${MiB(middle)} MiB, at the end ${MiB(after)} MiB`);
    expect(faults).toEqual([]);
    expect(server.replicaPids()).toEqual(replicas);
    expect(after - middle).toBeLessThan(MAX_GROWTH_BYTES);
    const idle = async () => {
      const [status] = (await (await fetch(`${server.url}/arriero/v1/replicas`)).json()) as {
        requestsRunning: number;
        requestsWaiting: number;
      }[];
      return status?.requestsRunning === 0 && status.requestsWaiting === 0;
    };
    await eventually(idle, "an idle replica");
    expect(await ask()).toEqual(expected);
  },
  DEADLINE_MS_IN_ALL,
);
