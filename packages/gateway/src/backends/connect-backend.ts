import { ArrieroError, type BackendDescription, type RoutedModel } from "@arriero/spec";
import type { BackendServices } from "../upstream/backend/backend.ts";
import { EXCHANGE_LIMITS, type ExchangeLimits } from "../upstream/backend/bounded-exchange.ts";
import type { CredentialRef } from "../upstream/backend/credential.ts";
import { OllamaUpstream } from "../upstream/ollama/ollama-upstream.ts";
import { OpenAiUpstream } from "../upstream/openai/openai-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { connectVendor } from "./connect-vendor.ts";

/**
 * The client of a backend that is not a replica of this server; null: it is one.
 *
 * @param stallMs asked before each stream: how long it may be silent
 * @throws ArrieroError config_invalid for kinds that cannot be reached
 */
export function connectBackend(
  services: BackendServices,
  { name }: RoutedModel,
  backend: BackendDescription,
  stallMs: () => number,
): Upstream | null {
  const { capabilities, credential, kind, url } = backend;
  if (kind === "engine" && url === null) return null;
  const id = `${name}/${backend.id}`;
  const limits: ExchangeLimits = {
    ...EXCHANGE_LIMITS,
    get idleMs() {
      return stallMs();
    },
  };
  if (kind === "vendor") return connectVendor(services, backend, id, limits);
  if (url === null || kind === "engine" || credential === "aws") {
    const what = credential === "aws" ? "the credential aws" : `a backend of kind ${kind}${url === null ? "" : " with a url"}`;
    throw new ArrieroError("config_invalid", `models.${name}.backends: ${backend.id} is ${what}, which cannot be reached yet.`, {
      hint: "Use kind openai or ollama with a url, kind vendor, or kind engine without a url.",
    });
  }
  const options = {
    id,
    url,
    credential: credential as CredentialRef | null,
    nameOf: (_model: string, adapter: string | null) => (adapter === null ? backend.model : null),
    limits,
  };
  if (kind === "ollama") return new OllamaUpstream(services, options);
  return new OpenAiUpstream(services, {
    ...options,
    honoursSeed: capabilities.includes("seed"),
    prefill: capabilities.includes("assistantPrefill") ? "continue-flag" : "none",
    extendedSampling: capabilities.includes("assistantPrefill"),
    runningUsage: false,
  });
}
