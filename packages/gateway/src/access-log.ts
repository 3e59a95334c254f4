import type { ResidencyPolicy } from "@arriero/spec";
import type { Logger } from "pino";
import type { Exchange } from "./http/exchange.ts";

/** As much of an exchange as its line tells. */
export type LoggedRequest = Pick<Exchange, "client" | "error" | "ids" | "startedAt" | "tally">;

/**
 * One line for each request, which is the record of where its bytes were let go too. Text of prompt and answer only where
 * the tally still has its transcript, and no message of a 4xx error, since those quote the caller.
 */
export function logAccess(
  log: Logger,
  method: string,
  route: string,
  exchange: LoggedRequest,
  status: number,
  now: number,
): void {
  const { error, tally } = exchange;
  // One object that grows, since this is done for every request: spreading a part at a time costs three times as much.
  const line: Record<string, unknown> = { requestId: exchange.ids.request };
  if (exchange.ids.generation !== exchange.ids.request) line["generationId"] = exchange.ids.generation;
  line["method"] = method;
  line["route"] = route;
  line["status"] = status;
  line["client"] = exchange.client;
  line["durationMs"] = now - exchange.startedAt;
  if (tally.model !== null) {
    line["model"] = tally.model;
    line["promptTokens"] = tally.promptTokens;
    line["cachedTokens"] = tally.cachedTokens;
    line["completionTokens"] = tally.completionTokens;
    line["continuations"] = tally.continuations;
    if (tally.hedge !== null) line["hedge"] = tally.hedge;
    if (tally.backend !== null) {
      line["backend"] = tally.backend;
      line["attempts"] = tally.attempts;
    }
    line["ttftMs"] = tally.firstTokenAt === null ? null : tally.firstTokenAt - exchange.startedAt;
  }
  if (tally.cacheOutcome !== null) line["cache"] = tally.cacheOutcome;
  if (tally.decisions.length > 0) line["routing"] = tally.decisions;
  if (!saysNothing(tally.residency)) line["residency"] = tally.residency;
  if (tally.transcript !== null) {
    line["prompts"] = tally.transcript.prompts;
    line["answers"] = tally.transcript.answers;
  }
  if (error !== null) {
    line["error"] = error.code;
    if (error.body.param !== undefined) line["param"] = error.body.param;
  }
  if (error === null || error.status < 500) log.info(line, "request");
  else log.error({ ...line, message: error.message, ...(error.code === "internal" ? { err: error.cause } : {}) }, "request");
}

function saysNothing(policy: ResidencyPolicy | null): boolean {
  if (policy === null) return true;
  return policy.allowedRegions === null && policy.dataClass === null && policy.allowUndefinedBoundary === null;
}
