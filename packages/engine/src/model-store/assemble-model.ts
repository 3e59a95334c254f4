import { ArrieroError } from "@arriero/spec";
import { textValue } from "../gguf/gguf-header.ts";
import { readGguf } from "../gguf/read-gguf.ts";
import type { Blob, ObtainOptions } from "./blob-store.ts";
import type { ModelBase } from "./model-base.ts";
import { nameSegment } from "./model-name.ts";
import type { Modelfile } from "./modelfile.ts";
import { ignoredNote, jinjaOnly } from "./pull-plan.ts";
import type { Manifest } from "./stored-model.ts";

/** What a model is made from; its settings are inherited from the base where `settings` say nothing. */
export interface ModelParts {
  readonly settings: Omit<Modelfile, "from" | "adapters">;
  base(obtain: ObtainOptions): Promise<ModelBase>;
  readonly adapters: readonly { readonly name: string; obtain(options: ObtainOptions): Promise<Blob> }[];
}

/** Brings all parts here and puts them together. Throws `invalid_request` for an adapter of another architecture. */
export async function assembleModel(
  name: string,
  { adapters: files, base: obtainBase, settings }: ModelParts,
  obtain: ObtainOptions,
  pathOf: (digest: string) => string,
): Promise<Omit<Manifest, "schema" | "modifiedAt">> {
  const base = await obtainBase(obtain);
  const architecture = textValue(await readGguf(pathOf(base.model.digest)), "general.architecture");
  const adapters = { ...base.adapters };
  for (const adapter of files) {
    const blob = await adapter.obtain(obtain);
    const own = textValue(await readGguf(pathOf(blob.digest)), "general.architecture");
    if (own !== architecture) {
      throw new ArrieroError(
        "invalid_request",
        `the adapter ${adapter.name} is for the architecture ${own}, the model's is ${architecture}`,
      );
    }
    adapters[adapterName(adapter.name)] = blob.digest;
  }
  const { template, notes } = jinjaOnly(settings.template);
  return {
    name,
    ...base.model,
    source: base.source,
    adapters,
    template: template ?? base.settings.template,
    system: settings.system ?? base.settings.system,
    parameters: { ...base.settings.parameters, ...settings.parameters },
    messages: settings.messages.length > 0 ? [...settings.messages] : base.settings.messages,
    license: settings.license ?? base.settings.license,
    notes: [...base.settings.notes, ...notes, ...ignoredNote(settings.ignoredParameters)],
  };
}

/** An adapter is named for its file. */
function adapterName(file: string): string {
  const base = file.split(/[/\\]/).at(-1) ?? file;
  return nameSegment(base.replace(/\.gguf$/i, ""));
}
