export type { FleetView, ListedReplica } from "./fleet-routes.ts";
export type { GatewayLimits } from "./gateway-limits.ts";
export { GATEWAY_LIMITS } from "./gateway-limits.ts";
export { isLoopbackName } from "./http/access.ts";
export type { ReplicaSource } from "./inference.ts";
export type { KnownModel, ModelCatalogue } from "./known-models.ts";
export type { ModelLibrary } from "./library/model-library.ts";
export type { Gateway, GatewayOptions } from "./server.ts";
export { startGateway } from "./server.ts";
