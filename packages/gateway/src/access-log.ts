import type { ResidencyPolicy } from "@arriero/spec";
import type { Logger } from "pino";
import type { Exchange } from "./http/exchange.ts";

/** As much of an exchange as its line tells. */
export type LoggedRequest = Pick<Exchange, "client" | "error" | "ids" | "startedAt" | "tally">;

/**
 * One line for each request, which is the record of where its bytes were let go too. No text of prompt or answer, and no message of a 4xx error, since those quote the caller.
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
  const line = {
    requestId: exchange.ids.request,
    ...(exchange.ids.generation === exchange.ids.request ? {} : { generationId: exchange.ids.generation }),
    method,
    route,
    status,
    client: exchange.client,
    durationMs: now - exchange.startedAt,
    ...(tally.model === null
      ? {}
      : {
          model: tally.model,
          promptTokens: tally.promptTokens,
          cachedTokens: tally.cachedTokens,
          completionTokens: tally.completionTokens,
          continuations: tally.continuations,
          ...(tally.hedge === null ? {} : { hedge: tally.hedge }),
          ...(tally.backend === null ? {} : { backend: tally.backend, attempts: tally.attempts }),
          ttftMs: tally.firstTokenAt === null ? null : tally.firstTokenAt - exchange.startedAt,
        }),
    ...(tally.cacheOutcome === null ? {} : { cache: tally.cacheOutcome }),
    ...(tally.decisions.length === 0 ? {} : { routing: tally.decisions }),
    ...(saysNothing(tally.residency) ? {} : { residency: tally.residency }),
    ...(error === null ? {} : { error: error.code, ...(error.body.param === undefined ? {} : { param: error.body.param }) }),
  };
  if (error === null || error.status < 500) log.info(line, "request");
  else log.error({ ...line, message: error.message, ...(error.code === "internal" ? { err: error.cause } : {}) }, "request");
}

function saysNothing(policy: ResidencyPolicy | null): boolean {
  return policy === null || Object.values(policy).every((part) => part === null);
}
