import type { AskedSampling } from "@arriero/spec";
import type { Exchange } from "../http/exchange.ts";
import type { CacheContext } from "../http/tally.ts";
import { type ModelCatalogue, type ResolvedModel, resolveModel } from "./known-models.ts";

/**
 * The model that a request is for, within what its caller may use. From here on the request is kept: every route that
 * puts a model to work takes it from here. Throws as `resolveModel` does, and store_unavailable where the request cannot be
 * kept.
 */
export async function chooseModel(
  exchange: Pick<Exchange, "account" | "scope" | "signal" | "tally">,
  models: ModelCatalogue,
  asked: { readonly model: string; readonly adapter: string | null; readonly sampling?: AskedSampling },
): Promise<ResolvedModel> {
  const resolved = await resolveModel(models, asked, exchange.scope);
  const { tally } = exchange;
  tally.model = resolved.model;
  tally.adapter = resolved.adapter;
  if (tally.cache !== null) tally.cache = { ...tally.cache, ...identityOf(resolved, asked.sampling) };
  await exchange.account?.begin(resolved.model, resolved.adapter, exchange.signal);
  return resolved;
}

/** A model pulled or made anew under an old name is another, and so is an adapter. */
function identityOf(
  { adapter, known, model }: ResolvedModel,
  sampling: AskedSampling | undefined,
): Pick<CacheContext, "identity" | "seeded"> {
  const identity = JSON.stringify([model, known.modifiedAt, adapter, adapter === null ? null : known.adapters[adapter]]);
  const seeds = [sampling?.seed, known.parameters["seed"]];
  return { identity, seeded: seeds.some((seed) => seed !== undefined && seed !== null) };
}
