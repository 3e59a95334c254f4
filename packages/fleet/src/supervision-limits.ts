import { RESTART_RULES, type RestartRules } from "./restart-policy.ts";

/** Bounds of a replica's life, in milliseconds unless said otherwise. */
export interface SupervisionLimits {
  /** From spawn to the `listening` line. */
  readonly listenMs: number;
  /** From spawn to the `ready` line: reading weights from a slow disk included. */
  readonly loadMs: number;
  /** Between two health probes. */
  readonly probeEveryMs: number;
  /** An answer to a probe may take this long. */
  readonly probeTimeoutMs: number;
  /** Probes missed in a row before the process counts as hung and is killed. */
  readonly probeFailures: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
  /** A replica given up is tried again by the first request after this time. */
  readonly failedCooldownMs: number;
  readonly restart: RestartRules;
}

export const SUPERVISION_LIMITS: SupervisionLimits = {
  listenMs: 20_000,
  loadMs: 900_000,
  probeEveryMs: 2_000,
  probeTimeoutMs: 3_000,
  probeFailures: 3,
  stopGraceMs: 20_000,
  failedCooldownMs: 30_000,
  restart: RESTART_RULES,
};
