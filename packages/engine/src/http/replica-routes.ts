import type { IncomingMessage, ServerResponse } from "node:http";
import { ArrieroError, EmbeddingRequest, ENGINE_ROUTES, GenerationRequest, RerankRequest, TokenizeRequest } from "@arriero/spec";
import { z } from "zod";
import type { Replica } from "../replica/replica.ts";
import { writeEventLines } from "./event-lines.ts";

/** What a handler is given: the replica, the parsed body of a POST, and the raw pair for streaming. */
export interface RouteCall {
  readonly replica: Replica;
  readonly body: unknown;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** `probe`: open to whoever reaches the port; `gateway`: wants the replica's token. */
  readonly access: "probe" | "gateway";
  /** Whether it takes a JSON body. */
  readonly body: boolean;
  readonly handle: (call: RouteCall) => Promise<void> | void;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** A body checked against its schema; the error names the first field at fault. */
function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const param = issue?.path.map(String).join(".") ?? "";
  throw new ArrieroError("invalid_request", `${param === "" ? "body" : param}: ${issue?.message ?? "invalid"}`, { param });
}

const DetokenizeRequest = z.object({ tokens: z.array(z.int().min(0)).max(1_048_576) });

/** Every route of a replica. The schema of each body stands in @arriero/spec. */
export const REPLICA_ROUTES: readonly Route[] = [
  { ...ENGINE_ROUTES.health, access: "probe", body: false, handle: ({ response }) => sendJson(response, 200, { status: "ok" }) },
  {
    ...ENGINE_ROUTES.ready,
    access: "probe",
    body: false,
    handle: ({ replica, response }) => sendJson(response, replica.state === "ready" ? 200 : 503, { state: replica.state }),
  },
  {
    ...ENGINE_ROUTES.metrics,
    access: "probe",
    body: false,
    handle: async ({ replica, response }) => {
      const text = await replica.metrics.registry.metrics();
      response.writeHead(200, { "content-type": replica.metrics.registry.contentType });
      response.end(text);
    },
  },
  {
    ...ENGINE_ROUTES.status,
    access: "gateway",
    body: false,
    handle: ({ replica, response }) => sendJson(response, 200, replica.status()),
  },
  {
    ...ENGINE_ROUTES.prefixes,
    access: "gateway",
    body: false,
    handle: async ({ replica, response }) => sendJson(response, 200, await replica.prefixes()),
  },
  {
    ...ENGINE_ROUTES.generate,
    access: "gateway",
    body: true,
    handle: ({ replica, body, response }) => writeEventLines(response, replica.generate(parse(GenerationRequest, body))),
  },
  {
    ...ENGINE_ROUTES.embed,
    access: "gateway",
    body: true,
    handle: async ({ replica, body, response }) => sendJson(response, 200, await replica.embed(parse(EmbeddingRequest, body))),
  },
  {
    ...ENGINE_ROUTES.rerank,
    access: "gateway",
    body: true,
    handle: async ({ replica, body, response }) => sendJson(response, 200, await replica.rerank(parse(RerankRequest, body))),
  },
  {
    ...ENGINE_ROUTES.tokenize,
    access: "gateway",
    body: true,
    handle: ({ replica, body, response }) => sendJson(response, 200, replica.tokenize(parse(TokenizeRequest, body))),
  },
  {
    ...ENGINE_ROUTES.detokenize,
    access: "gateway",
    body: true,
    handle: ({ replica, body, response }) =>
      sendJson(response, 200, { text: replica.detokenize(parse(DetokenizeRequest, body).tokens) }),
  },
  {
    ...ENGINE_ROUTES.drain,
    access: "gateway",
    body: false,
    handle: ({ replica, response }) => {
      sendJson(response, 202, { state: "draining" });
      void replica.close();
    },
  },
];

export { sendJson };
