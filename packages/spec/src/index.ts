export type { AskedGeneration, AskedSampling } from "./asked-generation.ts";
export type { BackendDescription } from "./backend.ts";
export {
  BackendEntry,
  BackendKind,
  BackendLimits,
  Boundary,
  Capability,
  CredentialReference,
  Hardware,
  PricePerMillion,
  Purchase,
} from "./backend.ts";
export { ChatMessage, ToolCall, ToolChoice, ToolDefinition } from "./chat-message.ts";
export type { EmbeddingResult, RerankResult } from "./embedding.ts";
export { EmbeddingRequest, RerankRequest } from "./embedding.ts";
export { ENGINE_ROUTES } from "./engine-api.ts";
export type { ErrorBody, ErrorCode, ErrorDetail } from "./errors.ts";
export { ArrieroError, ERROR_CATALOGUE } from "./errors.ts";
export type {
  EventLine,
  FinishReason,
  GenerationEvent,
  GenerationEventOf,
  GenerationTimings,
  TokenLogprob,
} from "./generation-event.ts";
export type { GenerationRequestInput } from "./generation-request.ts";
export { GenerationInput, GenerationRequest, OutputFormat, PriorityClass, Sampling } from "./generation-request.ts";
export type { HeldPrefixes, PrefixMark } from "./held-prefixes.ts";
export type { ImageRequest, ImageResult } from "./image.ts";
export { MOST_IMAGES } from "./image.ts";
export type { ModelAbility, ModelDescription } from "./model.ts";
export * as page from "./page-api/index.ts";
export type { ReplicaAddress, ReplicaState, ReplicaStatus } from "./replica.ts";
export { DataClass, OrganisationName, RegionName, RegionPattern, ResidencyPolicy } from "./residency.ts";
export type { ClassDemand, RoutedModel } from "./routed-model.ts";
export { ClassDemands, ModelEntry, RoutingPolicyName, ServedName } from "./routed-model.ts";
export type { TokenizeResult } from "./tokenization.ts";
export { TokenizeRequest } from "./tokenization.ts";
export { VendorName } from "./vendor.ts";
