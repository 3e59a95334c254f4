import { describeModel } from "@arriero/gateway";
import { ArrieroError, type ModelEntry, type RoutedModel } from "@arriero/spec";
import type { Config } from "../config/config-schema.ts";

/** A name or alias of `models:`, with every default resolved; `model_not_found` names those there are. */
export function routedModel(asked: string, { models, residency }: Config): RoutedModel {
  const found = Object.entries<ModelEntry>(models).find(([name, { aliases }]) => name === asked || aliases.includes(asked));
  if (found !== undefined) return describeModel(found[0], found[1], residency.ownRegions);
  const names = Object.keys(models).join(", ") || "none";
  throw new ArrieroError("model_not_found", `${asked} is no model of the configuration; there are: ${names}.`, {
    hint: "Name it under `models:` in arriero.yaml, see docs/routing.md; `arriero config check` shows what is read.",
  });
}
