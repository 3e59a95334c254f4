import { ArrieroError } from "@arriero/spec";
import { Fields, refusal } from "../../fields.ts";

/** Routes whose requests a batch may hold. */
export const BATCH_ENDPOINTS = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses"] as const;
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

const MOST_HOURS = 168;
const HOUR_MS = 3_600_000;
const MOST_PAIRS = 16;
const EXPIRY_SECONDS = { min: 3_600, max: 2_592_000 };

export interface AskedBatch {
  readonly inputFileId: string;
  readonly endpoint: BatchEndpoint;
  /** As written: `24h`. */
  readonly window: string;
  readonly windowMs: number;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** From the batch's own beginning; null: output stays until it is deleted. */
  readonly outputSeconds: number | null;
}

/** Throws invalid_json, invalid_request or unsupported. */
export function parseBatch(body: unknown): AskedBatch {
  const fields = Fields.body(body);
  const window = fields.requiredString("completion_window", 16);
  const hours = Number(/^([1-9]\d{0,2})h$/.exec(window)?.[1]);
  if (!(hours <= MOST_HOURS)) throw refusal("completion_window", `a number of hours up to ${MOST_HOURS}, as "24h"`, window);
  const endpoint = fields.oneOf("endpoint", BATCH_ENDPOINTS);
  if (endpoint === undefined) throw refusal("endpoint", `one of ${BATCH_ENDPOINTS.join(", ")}`, undefined);
  return {
    inputFileId: fields.requiredString("input_file_id", 64),
    endpoint,
    window,
    windowMs: hours * HOUR_MS,
    metadata: metadataOf(fields.fields("metadata")),
    outputSeconds: parseExpiry(fields.fields("output_expires_after")),
  };
}

function metadataOf(fields: Fields | undefined): Record<string, string> | null {
  if (fields === undefined) return null;
  const keys = fields.keys();
  if (keys.length > MOST_PAIRS || keys.some((key) => key.length > 64)) {
    throw new ArrieroError("invalid_request", `metadata may have ${MOST_PAIRS} keys of up to 64 characters.`, {
      param: "metadata",
    });
  }
  return Object.fromEntries(keys.map((key) => [key, fields.string(key, 512) ?? ""]));
}

/** `{anchor: "created_at", seconds}` of files and of the output of batches; null: none. */
export function parseExpiry(fields: Fields | undefined): number | null {
  if (fields === undefined) return null;
  fields.oneOf("anchor", ["created_at"]);
  return fields.integer("seconds", EXPIRY_SECONDS) ?? null;
}

/** One request of a batch. */
export interface BatchLine {
  readonly customId: string;
  readonly body: unknown;
}

/** A line of the input file. Throws invalid_json or invalid_request. @param endpoint the batch's own */
export function parseBatchLine(text: string, endpoint: BatchEndpoint): BatchLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ArrieroError("invalid_json", "The line is not JSON.");
  }
  const fields = Fields.body(value);
  const customId = fields.requiredString("custom_id", 512);
  const method = fields.requiredString("method", 16);
  if (method !== "POST") throw refusal("method", "POST", method);
  const url = fields.requiredString("url", 256);
  if (url !== endpoint) throw refusal("url", `the batch's endpoint ${endpoint}`, url);
  const body = fields.fields("body");
  if (body === undefined) throw refusal("body", "an object", undefined);
  return { customId, body: fields.raw("body") };
}
