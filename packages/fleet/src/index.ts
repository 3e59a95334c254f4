export type { Clock } from "./clock.ts";
export { systemClock } from "./clock.ts";
export type { FleetLogEntry, LogLevel } from "./engine-log.ts";
export type { LeaseOptions, ModelHostOptions } from "./model-host.ts";
export { ModelHost } from "./model-host.ts";
export type { Replica, ReplicaLease } from "./replica.ts";
export type { ServedModel } from "./served-model.ts";
export type { SupervisionLimits } from "./supervision-limits.ts";
