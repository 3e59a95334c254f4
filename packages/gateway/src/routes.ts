import { type FleetServices, fleetRoutes } from "./fleet-routes.ts";
import type { Route } from "./http/route.ts";
import { type OpenAiServices, openAiRoutes } from "./openai-routes.ts";
import { type ServerServices, serverRoutes } from "./server-routes.ts";

/** Every route there is. What is not in this table is answered 404. */
export function allRoutes(services: ServerServices & OpenAiServices & FleetServices): readonly Route[] {
  return [...serverRoutes(services), ...openAiRoutes(services), ...fleetRoutes(services)];
}
