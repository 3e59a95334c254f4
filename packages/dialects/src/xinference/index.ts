export type { XinferenceErrorAnswer } from "./errors.ts";
export { formatError, formatSharedError } from "./errors.ts";
export type { Launch } from "./launch.ts";
export { parseLaunch } from "./launch.ts";
export type { XinferenceModelFields } from "./model-fields.ts";
export { formatModelFields, formatUnreadable } from "./model-fields.ts";
export type { XinferenceModelType } from "./model-type.ts";
export { canServeAs, modelTypeOf } from "./model-type.ts";
