import { ollama, splitModelName } from "@arriero/dialects";
import { ArrieroError } from "@arriero/spec";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import { BoundedWork } from "../library/bounded-work.ts";
import type { LibraryModel, LibraryProgress, ModelLibrary } from "../library/model-library.ts";
import { ProgressFeed } from "../library/progress-feed.ts";
import { progressLines } from "../library/progress-lines.ts";
import { SharedPulls } from "../library/shared-pulls.ts";
import type { IdleUnload } from "../models/idle-unload.ts";
import { resolveModel } from "../models/known-models.ts";
import { ModelDescriptions } from "../models/model-descriptions.ts";
import { visiblePart } from "../models/visible-models.ts";
import type { FleetView } from "./fleet.ts";

export interface OllamaModelServices {
  readonly library: ModelLibrary;
  readonly fleet: FleetView;
  readonly idle: IdleUnload;
}

const MOST_CREATIONS = 4;
const MOST_UPLOADS = 8;

/** Ollama's routes about models: what is here, what is loaded, and how they come and go. */
export function ollamaModelRoutes({ fleet, idle, library }: OllamaModelServices): readonly Route[] {
  const described = new ModelDescriptions(library);
  const creations = new BoundedWork(MOST_CREATIONS, "creations of models");
  const uploads = new BoundedWork(MOST_UPLOADS, "uploads");
  const pulls = new SharedPulls((reference, work) => replacing(reference, () => library.pull(reference, work)));

  const show = async (model: LibraryModel): Promise<ollama.ShownModel> => ({
    ...model,
    adapters: Object.keys(model.adapters),
    // A file that cannot be read must not hide the other models.
    description: await described.of(model).catch(() => null),
  });

  /** A model that is loaded while its files change is loaded anew by the next request; one that stays the same stays. */
  const replacing = async (name: string, work: () => Promise<LibraryModel>): Promise<LibraryModel> => {
    const before = await find(library, name);
    const after = await work();
    if (before?.name === after.name && !sameFiles(before, after)) await fleet.unload(after.name);
    return after;
  };

  const report = async (exchange: Exchange, progress: AsyncIterable<LibraryProgress>, stream: boolean): Promise<void> => {
    if (stream) return await exchange.sendFrames(progressLines(progress), ollama.NDJSON_HEADERS);
    for await (const _ of progress);
    exchange.sendJson(200, ollama.SUCCESS);
  };

  type Handler = (exchange: Exchange) => Promise<void>;
  const shared = { inference: false, formatError: ollama.formatError } as const;
  const route = (method: Route["method"], path: string, handler: Handler): Route => ({
    ...shared,
    method,
    path,
    access: "caller",
    handler,
  });
  const ownerRoute = (method: Route["method"], path: string, handler: Handler): Route => ({
    ...route(method, path, handler),
    access: "owner",
  });

  return [
    route("GET", "/api/tags", async (exchange) => {
      const models = (await library.list()).flatMap((model) => visiblePart(model, exchange.scope) ?? []);
      exchange.sendJson(200, ollama.formatTags(await Promise.all(models.map(show))));
    }),
    route("GET", "/api/ps", async (exchange) => {
      const names = new Set(fleet.list().flatMap(({ model, state }) => (state === "ready" ? [model] : [])));
      const loaded = [];
      for (const name of names) {
        const found = await find(library, name);
        const model = found === null ? null : visiblePart(found, exchange.scope);
        if (model !== null) loaded.push({ shown: await show(model), expiresAt: idle.expiresAt(name) });
      }
      exchange.sendJson(200, ollama.formatRunning(loaded));
    }),
    route("POST", "/api/show", async (exchange) => {
      const { model: asked } = ollama.parseModelOnly(await exchange.readJson("any type"));
      const { known } = await resolveModel(library, splitModelName(asked), exchange.scope);
      const model = visiblePart(await library.resolve(known.name), exchange.scope)!;
      exchange.sendJson(200, ollama.formatShow(await show(model), model));
    }),
    ownerRoute("POST", "/api/pull", async (exchange) => {
      const { model, stream } = ollama.parsePull(await exchange.readJson("any type"));
      await report(exchange, pulls.watch(model, exchange.signal), stream);
    }),
    ownerRoute("POST", "/api/push", async (exchange) => {
      const { model } = ollama.parseModelOnly(await exchange.readJson("any type"));
      throw new ArrieroError("unsupported", `${model} cannot be pushed: this server publishes no models.`, {
        hint: "Copy the file that `arriero show` names, or push it with the registry's own tools.",
      });
    }),
    ownerRoute("POST", "/api/create", async (exchange) => {
      const asked = ollama.parseCreate(await exchange.readJson("any type"));
      const feed = new ProgressFeed();
      const work = { signal: exchange.signal, onProgress: (progress: LibraryProgress) => feed.push(progress) };
      creations
        .run(() => replacing(asked.model, () => library.create(asked.model, recipeOf(asked), work)))
        .then(
          () => feed.end(),
          (error: unknown) => feed.end(error),
        );
      await report(exchange, feed, asked.stream);
    }),
    ownerRoute("HEAD", "/api/blobs/{digest}", async (exchange) => {
      const digest = ollama.parseDigest(exchange.parameter);
      if (await library.hasFile(digest)) exchange.sendText(200, "");
      else throw new ArrieroError("model_not_found", `There is no file ${digest} here.`, { hint: "Send it by POST." });
    }),
    ownerRoute("POST", "/api/blobs/{digest}", async (exchange) => {
      const digest = ollama.parseDigest(exchange.parameter);
      const { bytes, sizeBytes } = exchange.readStream();
      await uploads.run(() => library.upload(digest, bytes, { signal: exchange.signal, sizeBytes }));
      exchange.sendText(201, "");
    }),
    ownerRoute("POST", "/api/copy", async (exchange) => {
      const { destination, source } = ollama.parseCopy(await exchange.readJson("any type"));
      await replacing(destination, () => library.copy(source, destination));
      exchange.sendText(200, "");
    }),
    ownerRoute("DELETE", "/api/delete", async (exchange) => {
      const { model: asked } = ollama.parseModelOnly(await exchange.readJson("any type"));
      const { name } = await library.resolve(asked);
      await library.remove(name);
      idle.hold(name);
      // It may be loaded still, and goes on answering what it has begun.
      await fleet.unload(name).catch(() => undefined);
      exchange.sendText(200, "");
    }),
  ];
}

function recipeOf({ adapters, base, license, messages, parameters, system, template }: ollama.ParsedCreate) {
  return {
    base: base.kind === "model" ? base : { kind: "file" as const, digest: base.file.digest },
    adapters,
    template: template ?? null,
    system: system ?? null,
    license: license ?? null,
    parameters,
    messages,
  };
}

async function find(library: ModelLibrary, name: string): Promise<LibraryModel | null> {
  try {
    return await library.resolve(name);
  } catch (thrown) {
    if (thrown instanceof ArrieroError && thrown.code === "model_not_found") return null;
    throw thrown;
  }
}

function sameFiles(a: LibraryModel, b: LibraryModel): boolean {
  const files = ({ adapters, digest, template }: LibraryModel): string => JSON.stringify([digest, template, adapters]);
  return files(a) === files(b);
}
