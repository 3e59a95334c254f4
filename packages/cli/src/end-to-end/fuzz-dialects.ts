import type { Random } from "./fuzz-random.ts";
import { type FuzzRequest, wildText, wildValue } from "./fuzz-requests.ts";

type Body = Record<string, unknown>;

interface FuzzRoute {
  readonly method: "GET" | "POST" | "DELETE" | "HEAD";
  /** With a wild part now and then. */
  path(random: Random): string;
  /** A body that is valid; null: none is sent. Nothing in it loads, unloads, fetches or removes a model that is here. */
  body(random: Random): Body | null;
  /** Fields of the route that may be set to anything. */
  readonly fields: readonly string[];
  /** Where the route bounds its answer; kept small, or a hundred thousand of them would not end. */
  bound?(body: Body): void;
}

const MODEL = "arriero-demo";
const MOST_TOKENS = 3;
const JSON_TYPE = { "content-type": "application/json" };
const at = (path: string) => () => path;
const user = (random: Random) => [{ role: "user", content: random.pick(["What is a replica?", wildText(random)]) }];
const none = () => null;
/** Names that nobody has: what they are asked for fails, and changes nothing. */
const nobody = (random: Random) =>
  random.pick(["../nobody", "%00", "%2e%2e%2f", "%ff", "+", "nobody", "nobody:latest", "hf.co/nobody/has:Q8_0", "a".repeat(300)]);
const MESSAGES = [
  "messages",
  "system",
  "tools",
  "tool_choice",
  "stop",
  "temperature",
  "top_p",
  "top_k",
  "stream",
  "metadata",
  "seed",
];
const under = (name: string) => (body: Body) => {
  const inner = body[name];
  if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) return inner as Body;
  const fresh: Body = {};
  body[name] = fresh;
  return fresh;
};
const options = under("options");
const parameters = under("parameters");

const OLLAMA = {
  fields: [
    "options",
    "format",
    "stream",
    "raw",
    "template",
    "system",
    "context",
    "images",
    "suffix",
    "think",
    "tools",
    "logprobs",
  ],
  bound: (body: Body) => {
    options(body)["num_predict"] = MOST_TOKENS;
    // Zero would unload the model.
    if ("keep_alive" in body) body["keep_alive"] = "5m";
  },
};
const LORAX = {
  fields: ["inputs", "parameters", "stream", "prompt"],
  bound: (body: Body) => {
    const inner = parameters(body);
    inner["max_new_tokens"] = MOST_TOKENS;
    delete inner["best_of"];
  },
};

/** Every dialect but OpenAI's chat, completions and embeddings, which have a sequence of their own. */
const ROUTES: readonly FuzzRoute[] = [
  {
    method: "POST",
    path: at("/v1/messages"),
    body: (r) => ({ model: MODEL, max_tokens: MOST_TOKENS, messages: user(r), stream: r.chance(0.5) }),
    fields: [...MESSAGES, "thinking", "stop_sequences", "service_tier", "container", "mcp_servers", "output_config"],
    bound: (body) => {
      if (typeof body["max_tokens"] === "number" && body["max_tokens"] > MOST_TOKENS) body["max_tokens"] = MOST_TOKENS;
    },
  },
  {
    method: "POST",
    path: at("/v1/messages/count_tokens"),
    body: (r) => ({ model: MODEL, messages: user(r) }),
    fields: [...MESSAGES, "model"],
  },
  {
    method: "POST",
    path: at("/v1/responses"),
    body: (r) => ({ model: MODEL, input: wildText(r), stream: r.chance(0.5) }),
    fields: [
      "input",
      "instructions",
      "tools",
      "tool_choice",
      "text",
      "reasoning",
      "include",
      "previous_response_id",
      "store",
      "truncation",
      "background",
    ],
    bound: (body) => {
      body["max_output_tokens"] = MOST_TOKENS;
    },
  },
  {
    method: "POST",
    path: at("/v1/rerank"),
    body: (r) => ({ model: MODEL, query: "llama", documents: r.list(3, () => wildText(r)) }),
    fields: ["model", "query", "documents", "top_n", "return_documents"],
  },
  {
    method: "POST",
    path: at("/v1/images/generations"),
    body: (r) => ({ model: MODEL, prompt: wildText(r) }),
    fields: ["model", "prompt", "n", "size", "response_format"],
  },
  { method: "POST", path: at("/api/generate"), body: (r) => ({ model: MODEL, prompt: `${wildText(r)}?` }), ...OLLAMA },
  { method: "POST", path: at("/api/chat"), body: (r) => ({ model: MODEL, messages: user(r), stream: r.chance(0.5) }), ...OLLAMA },
  {
    method: "POST",
    path: at("/api/embed"),
    body: (r) => ({ model: MODEL, input: r.pick<unknown>([wildText(r), ["a", "b"]]) }),
    fields: ["input", "truncate", "options", "dimensions"],
  },
  {
    method: "POST",
    path: at("/api/embeddings"),
    body: (r) => ({ model: MODEL, prompt: wildText(r) }),
    fields: ["prompt", "options"],
  },
  {
    method: "POST",
    path: at("/api/show"),
    body: () => ({ model: MODEL }),
    fields: ["model", "name", "verbose", "system", "options"],
  },
  { method: "POST", path: at("/api/copy"), body: (r) => ({ source: nobody(r), destination: "copy" }), fields: ["destination"] },
  { method: "DELETE", path: at("/api/delete"), body: (r) => ({ model: nobody(r) }), fields: ["verbose"] },
  {
    method: "POST",
    path: at("/api/create"),
    body: (r) => ({ model: "made", from: r.pick([MODEL, nobody(r), wildText(r)]) }),
    fields: ["from", "files", "adapters", "system", "parameters", "messages"],
  },
  { method: "POST", path: at("/api/push"), body: (r) => ({ model: nobody(r) }), fields: ["insecure", "stream"] },
  { method: "POST", path: at("/api/pull"), body: (r) => ({ model: nobody(r) }), fields: ["model", "name", "insecure", "stream"] },
  {
    method: "HEAD",
    path: (r) => `/api/blobs/${r.pick([`sha256:${"0".repeat(64)}`, "sha256:zz", nobody(r)])}`,
    body: none,
    fields: [],
  },
  {
    method: "POST",
    path: (r) => `/api/blobs/${r.pick([`sha256:${"0".repeat(64)}`, "sha256-1", nobody(r)])}`,
    body: () => ({ a: 1 }),
    fields: ["a"],
  },
  { method: "POST", path: at("/"), body: (r) => ({ inputs: wildText(r), stream: r.chance(0.5) }), ...LORAX },
  { method: "POST", path: at("/generate"), body: (r) => ({ inputs: wildText(r) }), ...LORAX },
  { method: "POST", path: at("/generate_stream"), body: (r) => ({ inputs: wildText(r) }), ...LORAX },
  { method: "POST", path: at("/tokenize"), body: (r) => ({ inputs: wildText(r) }), fields: ["inputs", "add_special_tokens"] },
  {
    method: "POST",
    path: at("/v1/models"),
    body: (r) => ({ model_name: nobody(r), model_uid: "fuzz" }),
    fields: ["model_type", "model_engine", "replica", "n_gpu"],
  },
  { method: "DELETE", path: (r) => `/v1/models/${nobody(r)}`, body: none, fields: [] },
  { method: "POST", path: at("/arriero/v1/models/unload"), body: (r) => ({ model: nobody(r) }), fields: ["force"] },
  {
    method: "GET",
    path: (r) =>
      r.pick([
        "/",
        "/v1/models",
        "/v1/models/arriero-demo",
        `/v1/models/${nobody(r)}`,
        "/v1/cluster/auth",
        "/v1/cluster/version",
        "/v1/address",
      ]) + r.pick(["", "", "?a=1", "?%", "/"]),
    body: none,
    fields: [],
  },
  {
    method: "GET",
    path: (r) =>
      r.pick([
        "/info",
        "/health",
        "/ready",
        "/metrics",
        "/api/version",
        "/api/tags",
        "/api/ps",
        "/arriero/v1/replicas",
        "/arriero/v1/usage?days=x",
      ]),
    body: none,
    fields: [],
  },
];

/** Header fields that callers, proxies and attackers send. */
const HEADERS: readonly ((random: Random) => Record<string, string>)[] = [
  () => ({ accept: "text/html, */*;q=0.1" }),
  () => ({ "x-request-id": "x".repeat(200) }),
  () => ({ authorization: "Bearer nonsense" }),
  () => ({ authorization: "Basic Og==" }),
  () => ({ "x-api-key": "none" }),
  () => ({ "anthropic-version": "1999-01-01", "anthropic-beta": "everything" }),
  () => ({ "content-encoding": "gzip" }),
  () => ({ "content-type": "application/json; charset=utf-16" }),
  () => ({ "content-type": "text/plain" }),
  () => ({ "arriero-allowed-regions": ",,*" }),
  () => ({ "arriero-data-class": "secret" }),
  () => ({ cookie: "a=".repeat(500) }),
  (r) => ({ "x-forwarded-for": String(r.integer(1e9)) }),
];

/** The next request of a seeded sequence over all dialects: mostly valid but for a few fields, sometimes no request at all. */
export function fuzzDialect(random: Random): FuzzRequest {
  const route = random.pick(ROUTES);
  const path = route.path(random);
  const body = route.body(random);
  const label = `${route.method} ${path}`;
  const headers = { ...JSON_TYPE, ...(random.chance(0.15) ? random.pick(HEADERS)(random) : {}) };
  const method = random.chance(0.02) ? random.pick(["PUT", "PATCH", "OPTIONS", "GET"]) : route.method;
  if (body === null) return { label, method, path, headers, body: Buffer.alloc(0) };
  for (let i = random.integer(4); i > 0 && route.fields.length > 0; i--) body[random.pick(route.fields)] = wildValue(random, 3);
  if (random.chance(0.08)) delete body[random.pick(Object.keys(body))];
  route.bound?.(body);
  const whole = Buffer.from(JSON.stringify(body) ?? "undefined");
  return { label, method, path, headers, body: random.chance(0.12) ? spoilt(whole, route, random) : whole };
}

function spoilt(whole: Buffer, { bound }: FuzzRoute, random: Random): Buffer {
  // Letters are changed only where that cannot take away the bound of an answer.
  const kind = random.integer(bound === undefined ? 4 : 3);
  if (kind === 0) return whole.subarray(0, random.integer(whole.length));
  if (kind === 1) return random.bytes(random.integer(300));
  if (kind === 2) return Buffer.from(JSON.stringify(wildValue(random, 4)) ?? "");
  const flipped = Buffer.from(whole);
  flipped[random.integer(flipped.length)] = random.integer(256);
  return flipped;
}
