import type { Route } from "../http/route.ts";
import { type AnthropicServices, anthropicRoutes } from "./anthropic.ts";
import { type BatchServices, batchRoutes } from "./batches.ts";
import { type FileServices, fileRoutes } from "./files.ts";
import { type FleetServices, fleetRoutes } from "./fleet.ts";
import { type ImageServices, imageRoutes } from "./images.ts";
import { type LoraxServices, loraxRoutes } from "./lorax.ts";
import { type ModelServices, modelRoutes } from "./models.ts";
import { type OllamaServices, ollamaRoutes } from "./ollama.ts";
import { type OpenAiServices, openAiRoutes } from "./openai.ts";
import { type PageServices, pageRoutes } from "./page/page-routes.ts";
import { type RerankServices, rerankRoutes } from "./rerank.ts";
import { type ServerServices, serverRoutes } from "./server.ts";
import { type UsageServices, usageRoutes } from "./usage.ts";
import { type XinferenceServices, xinferenceRoutes } from "./xinference.ts";

export type RouteServices = ServerServices &
  OpenAiServices &
  AnthropicServices &
  BatchServices &
  FileServices &
  ImageServices &
  OllamaServices &
  ModelServices &
  RerankServices &
  XinferenceServices &
  LoraxServices &
  FleetServices &
  PageServices &
  UsageServices;

/** Every route there is. What is not in this table is answered 404. */
export function allRoutes(services: RouteServices): readonly Route[] {
  return [
    ...serverRoutes(services),
    ...openAiRoutes(services),
    ...fileRoutes(services),
    ...batchRoutes(services),
    ...anthropicRoutes(services),
    ...ollamaRoutes(services),
    ...modelRoutes(services),
    ...rerankRoutes(services),
    ...imageRoutes(services),
    ...xinferenceRoutes(services),
    ...loraxRoutes(services),
    ...fleetRoutes(services),
    ...usageRoutes(services),
    ...pageRoutes(services),
  ];
}
