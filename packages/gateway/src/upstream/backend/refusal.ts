import { ArrieroError, type ErrorCode } from "@arriero/spec";
import type { UpstreamBroken } from "../upstream-broken.ts";
import { broken } from "./backend-faults.ts";

const MAX_QUOTED_CHARS = 500;
/** A backend that names a longer wait is not waited for by any request anyway. */
const MAX_RETRY_AFTER_S = 86_400;

export interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter?: number | undefined;
  /** Never to be repeated to anyone. */
  readonly secret: string | null;
}

/**
 * What a backend's error answer means here. UpstreamBroken: another backend may do better. Of the statuses in the 400s
 * only those that speak of the request itself are the caller's; those that speak of key, model or route are ours.
 */
export function explainRefusal({ body, retryAfter, secret, status }: Refusal): ArrieroError | UpstreamBroken {
  const said = quote(body, secret);
  const wait = retryAfter === undefined ? {} : { retryAfter };
  switch (status) {
    case 401:
    case 403:
      // Not quoted: what it says about a key may be part of the key.
      return broken("backend_misconfigured", `The backend refused the gateway's credential (${status}).`);
    case 404:
    case 405:
      return broken("backend_misconfigured", `The backend does not know the model or route asked for (${status})${said}`);
    case 402:
      return broken("backend_misconfigured", `The backend wants to be paid first (402)${said}`);
    case 408:
    case 504:
    case 524:
      return broken("upstream_timeout", `The backend gave up waiting (${status})${said}`, wait);
    case 413:
      return new ArrieroError("body_too_large", `The backend refused the request as too large${said}`);
    case 429:
      return new ArrieroError("rate_limited", `The backend refuses for now (429)${said}`, wait);
    case 503:
      return broken("replica_unavailable", `The backend is not available (503)${said}`, wait);
    default:
  }
  if (status >= 400 && status < 500)
    return new ArrieroError(requestFault(body), `The backend refused the request (${status})${said}`);
  return broken("replica_failed", `The backend failed with ${status}${said}`, wait);
}

/** Seconds, from a Retry-After of either form (RFC 9110, section 10.2.3). */
export function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isFinite(seconds) ? Math.min(MAX_RETRY_AFTER_S, Math.max(0, seconds)) : undefined;
}

function requestFault(body: unknown): ErrorCode {
  return /context.{0,8}(length|size|window)|too many tokens|maximum.{0,20}tokens/i.test(JSON.stringify(body) ?? "")
    ? "context_length_exceeded"
    : "invalid_request";
}

function quote(body: unknown, secret: string | null): string {
  const message = messageIn(body);
  if (message === null) return ".";
  const clean = secret === null ? message : message.replaceAll(secret, "[credential]");
  return `: ${clean.slice(0, MAX_QUOTED_CHARS)}`;
}

/** `{error: {message}}`, `{error: "..."}`, `{message}` or `{detail}`: the habits of the servers there are. */
function messageIn(body: unknown): string | null {
  if (typeof body !== "object" || body === null) return null;
  for (const key of ["error", "message", "detail"]) {
    const value = (body as Record<string, unknown>)[key];
    if (typeof value === "string" && value !== "") return value;
    if (key === "error" && typeof value === "object" && value !== null)
      return messageIn({ message: (value as { message?: unknown }).message });
  }
  return null;
}
