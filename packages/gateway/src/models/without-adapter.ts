import { ArrieroError } from "@arriero/spec";
import type { ResolvedModel } from "./known-models.ts";

/** For what adapters do not change here, vectors and scores. Throws unsupported rather than leave the adapter out unsaid. */
export function withoutAdapter(resolved: ResolvedModel): ResolvedModel {
  const { adapter, model } = resolved;
  if (adapter === null) return resolved;
  const message = `Adapters do not serve this route; the name stands for ${model} under its adapter ${adapter}.`;
  throw new ArrieroError("unsupported", message, { param: "model", hint: `Ask for ${model}.` });
}
