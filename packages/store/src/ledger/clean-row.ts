import type { BegunRequest, RequestProgress } from "./usage-record.ts";

/** Longer names are cut: a row is at most a few KB whatever a caller calls a model. */
const LONGEST_TEXT = 300;
const MOST_INTEGER = 2_147_483_647;

/** Fields that the columns of a batch are named after. */
type Columns = Record<string, string | number | null>;
/** Nearly every text has none of these, and is as it was. */
const isClean = (text: string): boolean => text.length <= LONGEST_TEXT && !text.includes("\0") && !/\p{Surrogate}/u.test(text);

/**
 * The columns of a request. Every value is one that Postgres takes: a batch is written whole or not at all, so one row
 * that it refuses would hold up all others for ever.
 */
export function cleanRow(request: BegunRequest, progress: RequestProgress): Columns {
  return {
    id: cleanText(request.id),
    organisation_id: cleanText(request.organisationId),
    key_id: cleanText(request.keyId),
    model: cleanText(request.model),
    adapter: cleanText(request.adapter),
    backend: cleanText(progress.backend),
    region: cleanText(progress.region),
    prompt_tokens: cleanAmount(progress.promptTokens),
    cached_tokens: cleanAmount(progress.cachedTokens),
    completion_tokens: cleanAmount(progress.completionTokens),
    reasoning_tokens: cleanAmount(progress.reasoningTokens),
    attempts: cleanInteger(progress.attempts),
    continuations: cleanInteger(progress.continuations),
    queue_ms: progress.queueMs === null ? null : cleanInteger(progress.queueMs),
    ttft_ms: progress.ttftMs === null ? null : cleanInteger(progress.ttftMs),
    cost_micros: cleanAmount(progress.costMicros),
    started_at: cleanAmount(request.startedAt),
  };
}

/** Postgres has no NUL in text, and no half of a surrogate pair. */
export function cleanText<T extends string | null>(text: T): T;
export function cleanText(text: string | null): string | null {
  if (text === null || isClean(text)) return text;
  return text
    .slice(0, LONGEST_TEXT)
    .replaceAll("\0", "")
    .replace(/\p{Surrogate}/gu, "\ufffd");
}

/** A whole number from 0 to 2^53 - 1; what is no number counts as 0. */
export function cleanAmount(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.round(value), 0), Number.MAX_SAFE_INTEGER);
}

const cleanInteger = (value: number): number => Math.min(cleanAmount(value), MOST_INTEGER);
