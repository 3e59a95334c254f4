import type { Exchange } from "../http/exchange.ts";
import { type ModelCatalogue, type ResolvedModel, resolveModel } from "./known-models.ts";

/**
 * The model that a request is for, within what its caller may use. From here on the request is kept: every route that
 * puts a model to work takes it from here. Throws as `resolveModel` does, and store_unavailable where the request cannot be
 * kept.
 */
export async function chooseModel(
  exchange: Pick<Exchange, "account" | "scope" | "signal" | "tally">,
  models: ModelCatalogue,
  asked: { readonly model: string; readonly adapter: string | null },
): Promise<ResolvedModel> {
  const resolved = await resolveModel(models, asked, exchange.scope);
  const { tally } = exchange;
  tally.model = resolved.model;
  tally.adapter = resolved.adapter;
  await exchange.account?.begin(resolved.model, resolved.adapter, exchange.signal);
  return resolved;
}
