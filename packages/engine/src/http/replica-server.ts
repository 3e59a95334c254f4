import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { ArrieroError } from "@arriero/spec";
import type { Logger } from "pino";
import type { Replica } from "../replica/replica.ts";
import { readJson } from "./read-json.ts";
import { REPLICA_ROUTES, sendJson } from "./replica-routes.ts";

export interface ReplicaServerOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly bodyBytes: number;
}

const REQUEST_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 4096;

function hasToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function dispatch(
  request: IncomingMessage,
  response: ServerResponse,
  replica: Replica,
  options: ReplicaServerOptions,
): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0];
  const onPath = REPLICA_ROUTES.filter((route) => route.path === path);
  const route = onPath.find((candidate) => candidate.method === request.method);
  if (onPath.length === 0) throw new ArrieroError("not_found", `no route ${path}`);
  if (route === undefined) {
    response.setHeader("allow", onPath.map((candidate) => candidate.method).join(", "));
    throw new ArrieroError("method_not_allowed", `${request.method} ${path} is not served`);
  }
  if (route.access === "gateway" && !hasToken(request, options.token))
    throw new ArrieroError("unauthorized", "this route wants the replica's bearer token");
  const body = route.body ? await readJson(request, options.bodyBytes) : undefined;
  await route.handle({ replica, body, request, response });
}

/** Serves a replica over HTTP and resolves with its URL once the port is bound. */
export async function serveReplica(
  replica: Replica,
  options: ReplicaServerOptions,
  log: Logger,
): Promise<{ server: Server; url: string }> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    request.on("error", () => {});
    response.on("error", () => {});
    dispatch(request, response, replica, options).catch((thrown: unknown) => {
      const error = ArrieroError.wrap(thrown);
      if (error.code === "internal") log.error({ err: thrown, path: request.url }, "request failed");
      if (response.headersSent) response.destroy();
      else {
        if (error.body.retryAfter !== undefined) response.setHeader("retry-after", error.body.retryAfter);
        if (!request.complete) response.setHeader("connection", "close");
        sendJson(response, error.status, { error: error.body });
      }
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(taken ? new ArrieroError("port_in_use", `${options.host}:${options.port} is taken`, { cause: error }) : error);
    });
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { server, url: `http://${host}:${port}` };
}
