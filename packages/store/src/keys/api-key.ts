import type { page } from "@arriero/spec";

/** What a key may do. null: no limit of its own. */
export interface KeyScope {
  /** Names of models, `*` standing for any characters. */
  readonly models: readonly string[] | null;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** Prompt and completion tokens of a UTC day. */
  readonly tokensPerDay: number | null;
  readonly budget: KeyBudget | null;
  readonly allowedRegions: readonly string[] | null;
  readonly dataClass: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null;
}

export interface KeyBudget {
  /** Millionths of the currency that prices are given in. */
  readonly micros: number;
  /** Calendar day or month, UTC. */
  readonly period: "day" | "month";
}

/** A key as it is kept: the key itself is not in it. */
export interface ApiKey extends KeyScope {
  readonly id: string;
  readonly organisationId: string;
  /** Whose it is, who made it on the page; null: made by whoever runs the server. */
  readonly personId: string | null;
  readonly name: string;
  /** The first characters of the key, by which its owner knows it. */
  readonly prefix: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** A key as the gateway holds it, with what binds all of its organisation; null: an organisation that nobody keeps. */
export interface HeldKey extends ApiKey {
  readonly rules?: page.OrganisationRules | null;
}

/** The organisation of keys made without one. */
export const DEFAULT_ORGANISATION = "default";

export const UNLIMITED: KeyScope = {
  models: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  tokensPerDay: null,
  budget: null,
  allowedRegions: null,
  dataClass: null,
  expiresAt: null,
};

export type KeyState = "active" | "expired" | "revoked";

/** Whether `key` opens anything at `now` (milliseconds since the epoch). */
export function keyState(key: Pick<ApiKey, "expiresAt" | "revokedAt">, now: number): KeyState {
  if (key.revokedAt !== null && key.revokedAt <= now) return "revoked";
  if (key.expiresAt !== null && key.expiresAt <= now) return "expired";
  return "active";
}
