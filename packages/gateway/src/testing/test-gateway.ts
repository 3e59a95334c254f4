import { fileURLToPath } from "node:url";
import { ModelHost, type ModelHostOptions } from "@arriero/fleet";
import { ArrieroError, type ModelDescription, type ReplicaStatus } from "@arriero/spec";
import { pino } from "pino";
import type { GatewayOptions } from "../gateway-options.ts";
import { startGateway } from "../server.ts";
import { eventually } from "./eventually.ts";

/** The fake engine of the fleet's tests: a script to run, not a module to import. */
const FAKE_ENGINE = fileURLToPath(new URL("../../../fleet/src/testing/fake-engine.mjs", import.meta.url));

const MODELS = [
  { name: "arriero-demo", adapters: { pirate: "/nowhere/pirate.gguf" } },
  { name: "other", adapters: {} },
].map((model) => ({
  ...model,
  path: `/nowhere/${model.name}.gguf`,
  template: null,
  modifiedAt: "2026-01-02T03:04:05Z",
  system: null,
  parameters: {},
  messages: [],
}));

const DESCRIPTION: ModelDescription = {
  name: "",
  architecture: "llama",
  parameters: 1_000_000,
  quantization: "Q4_0",
  sizeBytes: 1,
  contextLength: 512,
  embeddingLength: 3,
  layers: 2,
  vocabularySize: 30_000,
  abilities: ["chat", "completion"],
  adapters: [],
  license: null,
};

export const catalogue = {
  list: async () => MODELS,
  async resolve(name: string) {
    const found = MODELS.find((model) => model.name === name || `${model.name}:latest` === name);
    if (found === undefined) throw new ArrieroError("model_not_found", `No model is named ${name}.`);
    return found;
  },
  async describe(name: string): Promise<ModelDescription> {
    const { adapters } = await catalogue.resolve(name);
    return { ...DESCRIPTION, name, adapters: Object.keys(adapters) };
  },
};

export interface TestGatewayOptions {
  readonly gateway?: Partial<GatewayOptions>;
  readonly host?: Partial<ModelHostOptions>;
  readonly fault?: Record<string, unknown>;
}

/** A real gateway over real child processes that run the fake engine. */
export async function startTestGateway({ fault = {}, gateway = {}, host = {} }: TestGatewayOptions = {}) {
  const fleet = new ModelHost({
    resolve: catalogue.resolve,
    replicasPerModel: 1,
    maxLoaded: 2,
    entry: FAKE_ENGINE,
    engine: { fault },
    snapshotRoot: null,
    log: () => undefined,
    ...host,
  });
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => logged.push(JSON.parse(line)) });
  const server = await startGateway({
    host: "127.0.0.1",
    port: 0,
    fleet,
    models: catalogue,
    requireKey: false,
    keys: [],
    log,
    version: "0.0.0",
    ...gateway,
  });
  const pids = new Set<number>();
  const url = server.url;
  return {
    url,
    port: server.port,
    fleet,
    logged,
    server,
    /** Loads the model and waits for a ready replica. */
    async ready(model = "arriero-demo") {
      const replicas = await fleet.replicas(model);
      await Promise.all(replicas.map((replica) => replica.whenReady({ timeoutMs: 10_000 })));
      for (const replica of replicas) pids.add(replica.pid!);
      return replicas[0]!;
    },
    post(path: string, body: unknown, init: RequestInit = {}) {
      const headers = { "content-type": "application/json", ...init.headers };
      return fetch(url + path, { method: "POST", body: JSON.stringify(body), ...init, headers });
    },
    /** The replicas' own account, which the fake extends by `cancelled`. */
    async status(): Promise<(ReplicaStatus & { cancelled: number })[]> {
      return (await fetch(`${url}/arriero/v1/replicas`)).json() as Promise<(ReplicaStatus & { cancelled: number })[]>;
    },
    /** The log line of the last request to a route. */
    lastLine: (route: string) =>
      eventually(`a log line of ${route}`, () => logged.findLast((line) => line.msg === "request" && line.route === route)),
    async close() {
      for (const replica of fleet.list()) if (replica.pid !== null) pids.add(replica.pid);
      await server.close();
      await fleet.close();
      return [...pids];
    },
  };
}

export type TestGateway = Awaited<ReturnType<typeof startTestGateway>>;

export const chat = (content: string, more: Record<string, unknown> = {}) => ({
  model: "arriero-demo",
  messages: [{ role: "user", content }],
  seed: 1,
  ...more,
});

/** The text of a streamed chat answer, and whether it ended as it should. */
export function readSse(stream: string) {
  const frames = stream.split("\n\n").filter((frame) => frame !== "");
  const payloads = frames.map((frame) => frame.replace(/^data: /, ""));
  const chunks = payloads.filter((payload) => payload !== "[DONE]").map((payload) => JSON.parse(payload));
  return {
    text: chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? "").join(""),
    chunks,
    done: payloads.at(-1) === "[DONE]",
    error: chunks.find((chunk) => chunk.error !== undefined)?.error ?? null,
    usage: chunks.find((chunk) => chunk.usage)?.usage ?? null,
  };
}

/** As much of the answers' shape as the tests look at. */
export interface AnswerJson {
  readonly error: { readonly code: string; readonly message: string; readonly param: string | null };
  readonly choices: readonly {
    readonly message: {
      readonly content: string;
      readonly tool_calls: readonly { readonly function: { readonly name: string; readonly arguments: string } }[];
    };
  }[];
  readonly usage: { readonly completion_tokens: number };
}

export async function readAnswer(response: Response | Promise<Response>): Promise<AnswerJson> {
  return (await (await response).json()) as AnswerJson;
}
