import { type AnthropicServices, anthropicRoutes } from "./anthropic-routes.ts";
import { type FleetServices, fleetRoutes } from "./fleet-routes.ts";
import type { Route } from "./http/route.ts";
import { imageRoutes } from "./image-routes.ts";
import { type LoraxServices, loraxRoutes } from "./lorax-routes.ts";
import { type ModelServices, modelRoutes } from "./model-routes.ts";
import { type OllamaServices, ollamaRoutes } from "./ollama-routes.ts";
import { type OpenAiServices, openAiRoutes } from "./openai-routes.ts";
import { type RerankServices, rerankRoutes } from "./rerank-routes.ts";
import { type ServerServices, serverRoutes } from "./server-routes.ts";
import { type UsageServices, usageRoutes } from "./usage-routes.ts";
import { type XinferenceServices, xinferenceRoutes } from "./xinference-routes.ts";

export type RouteServices = ServerServices &
  OpenAiServices &
  AnthropicServices &
  OllamaServices &
  ModelServices &
  RerankServices &
  XinferenceServices &
  LoraxServices &
  FleetServices &
  UsageServices;

/** Every route there is. What is not in this table is answered 404. */
export function allRoutes(services: RouteServices): readonly Route[] {
  return [
    ...serverRoutes(services),
    ...openAiRoutes(services),
    ...anthropicRoutes(services),
    ...ollamaRoutes(services),
    ...modelRoutes(services),
    ...rerankRoutes(services),
    ...imageRoutes(),
    ...xinferenceRoutes(services),
    ...loraxRoutes(services),
    ...fleetRoutes(services),
    ...usageRoutes(services),
  ];
}
