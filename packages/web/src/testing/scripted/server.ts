import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ArrieroError, ERROR_CATALOGUE, page } from "@arriero/spec";
import { ROUTES, type RouteName } from "../../server/routes.ts";
import { chatRoutes } from "./chat-routes.ts";
import { operateRoutes } from "./operate-routes.ts";
import { readBytes } from "./read-bytes.ts";
import type { Call, Handlers } from "./routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import type { Account, World } from "./world.ts";

const DIST = fileURLToPath(new URL("../../../dist", import.meta.url));

/** As strict as the gateway's: what works here needs nothing inline. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Of the frame that draws diagrams, as the gateway's. */
const DIAGRAM_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const HANDLERS: Handlers = { ...sessionRoutes, ...chatRoutes, ...operateRoutes };

function routeOf(method: string, path: string): { name: RouteName; path: Record<string, string> } | null {
  for (const [name, route] of Object.entries(ROUTES)) {
    const [wanted, template] = route.split(" ") as [string, string];
    if (wanted !== method) continue;
    const pattern = new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
    const match = pattern.exec(path);
    if (match) return { name: name as RouteName, path: { ...match.groups } };
  }
  return null;
}

function accountOf(world: World, request: IncomingMessage): Account | undefined {
  const token = /arriero_session=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
  return world.accounts.find((one) => one.person.id === world.sessions.get(token ?? ""));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request);
  return bytes.length === 0 ? undefined : JSON.parse(bytes.toString());
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const route = routeOf(request.method ?? "GET", url.pathname);
  const handler = route && HANDLERS[route.name];
  if (!route || !handler) throw new ArrieroError("not_found", `No script for ${request.method} ${url.pathname}.`);
  const declared = page.PAGE_API[route.name];
  const me = accountOf(world, request);
  if (declared.access !== "public" && !me) throw new ArrieroError("unauthorized", "Nobody is signed in.");
  const query = declared.query?.parse(Object.fromEntries(url.searchParams));
  const body = declared.body?.parse(await readJson(request));
  // Each handler's types come from the declaration that has just checked the parts.
  const call = { world, me, path: route.path, query, body, request, response } as Call<never>;
  const result = await (handler as (call: Call<never>) => unknown)(call);
  if (response.headersSent) return;
  if (result === undefined) response.writeHead(204).end();
  else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
}

function refuse(response: ServerResponse, thrown: unknown): void {
  const { body } = ArrieroError.wrap(thrown);
  if (response.headersSent) return void response.end();
  response.writeHead(ERROR_CATALOGUE[body.code].status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: body }));
}

function serveFile(response: ServerResponse, path: string): void {
  const file = join(DIST, path);
  const found = file.startsWith(DIST) && existsSync(file) && statSync(file).isFile() ? file : join(DIST, "index.html");
  response.writeHead(200, {
    "content-type": TYPES[extname(found)] ?? "application/octet-stream",
    "content-security-policy": path.startsWith("/diagram/") ? DIAGRAM_POLICY : POLICY,
    "x-content-type-options": "nosniff",
  });
  createReadStream(found).pipe(response);
}

export interface ScriptedServer {
  url: string;
  close: () => Promise<void>;
}

/** The page and its API on a free port of loopback, all in memory. */
export async function serveWorld(world: World): Promise<ScriptedServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (!url.pathname.startsWith("/api/")) return serveFile(response, url.pathname);
    answer(world, request, response, url).catch((thrown: unknown) => refuse(response, thrown));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
