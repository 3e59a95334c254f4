import { ollama } from "@arriero/dialects";
import type { Clock } from "@arriero/fleet";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import type { Inference } from "../inference.ts";
import { chooseModel } from "../models/choose-model.ts";
import type { IdleUnload } from "../models/idle-unload.ts";
import type { ModelCatalogue, ResolvedModel } from "../models/known-models.ts";
import { settleRequest } from "../models/settle-request.ts";
import { withoutAdapter } from "../models/without-adapter.ts";
import type { FleetView } from "./fleet.ts";
import { type OllamaModelServices, ollamaModelRoutes } from "./ollama-models.ts";

export interface OllamaServices extends OllamaModelServices {
  readonly inference: Inference;
  readonly models: ModelCatalogue;
  readonly fleet: FleetView;
  readonly idle: IdleUnload;
  readonly clock: Clock;
  readonly version: string;
}

/** Ollama's API. Parsing and formatting are the dialect's; here is only the order of things. */
export function ollamaRoutes(services: OllamaServices): readonly Route[] {
  const { clock, fleet, idle, inference, models, version } = services;
  const clockOf = (exchange: Exchange): ollama.AnswerClock => ({ startedAt: exchange.startedAt, now: () => clock.now() });

  /** Runs work on a model, which stays loaded meanwhile and as long afterwards as was asked. */
  const using = async (model: string, keepAlive: ollama.KeepAlive, work: () => Promise<void>) => {
    idle.hold(model);
    try {
      await work();
    } finally {
      idle.keep(model, keepAlive);
    }
  };

  const answer = async (exchange: Exchange, parsed: ollama.ParsedGeneration, shape: typeof ollama.CHAT_SHAPE): Promise<void> => {
    const resolved = await chooseModel(exchange, models, parsed.asked);
    if (parsed.request === null) return await loadOrUnload(exchange, parsed, resolved, shape);
    const request = settleRequest(parsed.request, resolved, ollama.HABITS);
    await using(resolved.model, parsed.keepAlive, async () => {
      const events = inference.generate(request, exchange.signal, exchange.tally);
      const { presentation } = parsed;
      if (presentation.stream) {
        await exchange.sendFrames(ollama.streamAnswer(events, presentation, shape, clockOf(exchange)), ollama.NDJSON_HEADERS);
      } else exchange.sendJson(200, await ollama.collectAnswer(events, presentation, shape, clockOf(exchange)));
    });
  };

  const loadOrUnload = async (
    exchange: Exchange,
    { keepAlive, presentation }: ollama.ParsedGeneration,
    { model }: ResolvedModel,
    shape: typeof ollama.CHAT_SHAPE,
  ): Promise<void> => {
    const reason = keepAlive === 0 ? "unload" : "load";
    if (reason === "unload") {
      idle.hold(model);
      await fleet.unload(model);
    } else await using(model, keepAlive, () => inference.load(model, exchange.signal));
    const whole = ollama.idleAnswer(reason, presentation, shape, clockOf(exchange));
    if (presentation.stream) exchange.sendText(200, `${JSON.stringify(whole)}\n`, ollama.NDJSON_HEADERS);
    else exchange.sendJson(200, whole);
  };

  const embed = async (exchange: Exchange, parsed: ollama.ParsedEmbed, format: EmbedFormat): Promise<void> => {
    const { model } = withoutAdapter(await chooseModel(exchange, models, { model: parsed.model, adapter: null }));
    await using(model, parsed.keepAlive, async () => {
      if (parsed.request === null) await inference.load(model, exchange.signal);
      const request = parsed.request === null ? null : { ...parsed.request, model };
      const result = request === null ? null : await inference.embed(request, exchange.signal, exchange.tally);
      exchange.sendJson(200, format(result, parsed, clockOf(exchange)));
    });
  };

  const context = ({ client, ids }: Exchange) => ({ id: ids.generation, client });
  const inferring = { method: "POST", access: "caller", inference: true, formatError: ollama.formatError } as const;

  return [
    {
      ...inferring,
      path: "/api/generate",
      async handler(exchange) {
        const body = await exchange.readJson("any type");
        await answer(exchange, ollama.parseGenerate(body, context(exchange)), ollama.GENERATE_SHAPE);
      },
    },
    {
      ...inferring,
      path: "/api/chat",
      async handler(exchange) {
        const body = await exchange.readJson("any type");
        await answer(exchange, ollama.parseChat(body, context(exchange)), ollama.CHAT_SHAPE);
      },
    },
    {
      ...inferring,
      path: "/api/embed",
      async handler(exchange) {
        await embed(exchange, ollama.parseEmbed(await exchange.readJson("any type"), context(exchange)), ollama.formatEmbed);
      },
    },
    {
      ...inferring,
      path: "/api/embeddings",
      async handler(exchange) {
        const parsed = ollama.parseLegacyEmbed(await exchange.readJson("any type"), context(exchange));
        await embed(exchange, parsed, ollama.formatLegacyEmbed);
      },
    },
    {
      method: "GET",
      path: "/api/version",
      access: "public",
      inference: false,
      formatError: ollama.formatError,
      async handler(exchange) {
        exchange.sendJson(200, { version });
      },
    },
    ...ollamaModelRoutes(services),
  ];
}

type EmbedFormat = (
  result: Awaited<ReturnType<Inference["embed"]>> | null,
  parsed: ollama.ParsedEmbed,
  clock: ollama.AnswerClock,
) => unknown;
