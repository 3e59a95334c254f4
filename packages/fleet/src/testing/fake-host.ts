import { fileURLToPath } from "node:url";
import { ArrieroError } from "@arriero/spec";
import type { FleetLogEntry } from "../engine-log.ts";
import { ModelHost, type ModelHostOptions } from "../model-host.ts";
import type { ServedModel } from "../served-model.ts";

export const FAKE_ENGINE = fileURLToPath(new URL("./fake-engine.mjs", import.meta.url));

export const FAKE_MODELS: readonly ServedModel[] = [
  { name: "arriero-demo", path: "/nowhere/demo.gguf", adapters: { pirate: "/nowhere/pirate.gguf" }, template: null },
  { name: "other", path: "/nowhere/other.gguf", adapters: {}, template: null },
  { name: "third", path: "/nowhere/third.gguf", adapters: {}, template: null },
];

export async function resolveFake(name: string): Promise<ServedModel> {
  const found = FAKE_MODELS.find((model) => model.name === name || `${model.name}:latest` === name);
  if (found === undefined) throw new ArrieroError("model_not_found", `No model is named ${name}.`);
  return found;
}

/** A host whose replicas are fake engines; `fault` breaks their processes as fake-engine.mjs says. */
export function fakeHost(fault: Record<string, unknown> = {}, changes: Partial<ModelHostOptions> = {}) {
  const log: FleetLogEntry[] = [];
  const host = new ModelHost({
    resolve: resolveFake,
    replicasPerModel: 1,
    maxLoaded: 2,
    entry: FAKE_ENGINE,
    engine: { fault },
    snapshotRoot: null,
    log: (entry) => log.push(entry),
    ...changes,
  });
  return { host, log };
}
