import { ArrieroError, type BackendDescription } from "@arriero/spec";
import type { BackendServices } from "../upstream/backend/backend.ts";
import type { ExchangeLimits } from "../upstream/backend/bounded-exchange.ts";
import type { CredentialRef } from "../upstream/backend/credential.ts";
import { SageMakerUpstream } from "../upstream/sagemaker/sagemaker-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { VendorUpstream } from "../upstream/vendor/vendor-upstream.ts";

/** The client of a vendor's backend. @throws ArrieroError config_invalid where it names none that there is */
export function connectVendor(
  services: BackendServices,
  { capabilities, credential, location, model, project, provider, url }: BackendDescription,
  id: string,
  limits: ExchangeLimits,
): Upstream {
  const common = {
    id,
    url,
    prefill: capabilities.includes("assistantPrefill"),
    honoursSeed: capabilities.includes("seed"),
    limits,
  };
  switch (provider) {
    case null:
      throw new ArrieroError("config_invalid", `${id} names no vendor.`);
    case "sagemaker":
    case "sagemaker-tgi":
      if (location === null) throw new ArrieroError("config_invalid", `${id} names no location.`);
      return new SageMakerUpstream(services, {
        ...common,
        container: provider === "sagemaker" ? "openai" : "tgi",
        model,
        location,
      });
    default:
      return new VendorUpstream(services, {
        ...common,
        vendor: provider,
        place: { model, location, project },
        credential: credential as CredentialRef | "aws" | null,
      });
  }
}
