import { ArrieroError } from "@arriero/spec";
import type { GgufRole } from "../gguf/validate-gguf.ts";
import type { HubHttp } from "./hub-http.ts";
import { chooseFile, type HuggingFaceHub } from "./huggingface-hub.ts";
import { nameSegment } from "./model-name.ts";
import { isJinjaTemplate, publishedParameters } from "./model-parameters.ts";
import type { OllamaLayer, OllamaRegistry } from "./ollama-registry.ts";
import { defaultName, type ModelReference } from "./reference.ts";
import { type RemoteFile, rememberingRedirects } from "./remote-file.ts";
import type { Manifest } from "./stored-model.ts";

/** One file of a pull and what it is for. */
export type PlannedFile = { readonly role: GgufRole; readonly adapter: string | null } & (
  | { readonly kind: "remote"; readonly file: RemoteFile }
  | { readonly kind: "local"; readonly path: string }
);

/** What a publisher set beside the weights. */
export type ModelSettings = Pick<Manifest, "template" | "system" | "parameters" | "messages" | "license" | "notes">;

/** Everything a pull will bring. The first file is the model. */
export interface PullPlan {
  readonly name: string;
  readonly files: readonly PlannedFile[];
  readonly settings: ModelSettings;
}

/** The clients a plan may ask. */
export interface Publishers {
  readonly http: HubHttp;
  readonly huggingface: HuggingFaceHub;
  readonly ollama: OllamaRegistry;
}

/** Nothing set. */
export const NO_SETTINGS: ModelSettings = {
  template: null,
  system: null,
  parameters: {},
  messages: [],
  license: null,
  notes: [],
};

/** Asks the publisher what the reference means. */
export async function planPull(
  reference: ModelReference,
  publishers: Publishers,
  signal: AbortSignal | undefined,
): Promise<PullPlan> {
  switch (reference.kind) {
    case "huggingface": {
      const { repository, selector } = reference;
      const { revision, files } = await publishers.huggingface.list(repository, signal);
      const { file, quantization } = chooseFile(files, repository, selector);
      return {
        name: defaultName(reference, quantization),
        files: [model(publishers.huggingface.file(repository, revision, file))],
        settings: NO_SETTINGS,
      };
    }
    case "ollama":
      return { name: defaultName(reference, null), ...(await planOllama(reference, publishers.ollama, signal)) };
    case "url":
      return {
        name: defaultName(reference, null),
        files: [model(urlFile(reference.url, reference.sha256, publishers.http))],
        settings: NO_SETTINGS,
      };
    case "file":
      return {
        name: defaultName(reference, null),
        files: [{ role: "model", adapter: null, kind: "local", path: reference.path }],
        settings: NO_SETTINGS,
      };
  }
}

function model(file: RemoteFile): PlannedFile {
  return { role: "model", adapter: null, kind: "remote", file };
}

function urlFile(url: URL, sha256: string | null, http: HubHttp): RemoteFile {
  return {
    key: url.href,
    name: url.pathname.split("/").at(-1) || url.host,
    sizeBytes: null,
    sha256,
    request: rememberingRedirects(http, (options) => http.get(url.href, options), url.href),
  };
}

async function planOllama(
  reference: Extract<ModelReference, { kind: "ollama" }>,
  registry: OllamaRegistry,
  signal: AbortSignal | undefined,
): Promise<Omit<PullPlan, "name">> {
  const { repository, tag } = reference;
  const layers = await registry.layers(repository, tag, signal);
  const shown = `${repository.replace(/^library\//, "")}:${tag}`;
  const weights = layers.filter(({ kind }) => kind === "model");
  const [main] = weights;
  if (main === undefined)
    throw new ArrieroError("unsupported", `${shown} holds no GGUF model layer`, {
      hint: "Choose a model that is published as GGUF.",
    });
  if (weights.length > 1)
    throw new ArrieroError("unsupported", `${shown} is split into ${weights.length} model layers, which is not read`);
  const files: PlannedFile[] = [model(registry.file(repository, main, shown))];
  layers
    .filter(({ kind }) => kind === "adapter")
    .forEach((layer, index, all) => {
      const adapter = all.length === 1 ? "adapter" : `adapter-${index + 1}`;
      files.push({ role: "adapter", adapter, kind: "remote", file: registry.file(repository, layer, `${shown} ${adapter}`) });
    });
  const read = async (kind: string): Promise<string | null> => {
    const layer = layers.find((candidate: OllamaLayer) => candidate.kind === kind);
    return layer === undefined ? null : await registry.text(repository, layer, signal);
  };
  const settings = ollamaSettings({
    template: await read("template"),
    system: await read("system"),
    params: await read("params"),
    license: await read("license"),
    hasProjector: layers.some(({ kind }) => kind === "projector"),
  });
  return { files, settings };
}

/** The small layers of an Ollama model, as settings; what cannot be used is said in the notes. */
export function ollamaSettings(layers: {
  template: string | null;
  system: string | null;
  params: string | null;
  license: string | null;
  hasProjector: boolean;
}): ModelSettings {
  const { template, notes } = jinjaOnly(layers.template);
  const { parameters, ignored } = publishedParameters(jsonObject(layers.params));
  notes.push(...ignoredNote(ignored));
  if (layers.hasProjector) notes.push("The image projector was left out: this engine reads text.");
  return { template, system: layers.system, parameters, messages: [], license: layers.license, notes };
}

/** A template that is Jinja, or null and a note. */
export function jinjaOnly(template: string | null): { template: string | null; notes: string[] } {
  if (template === null || isJinjaTemplate(template)) return { template, notes: [] };
  return { template: null, notes: ["The template is a Go template, not Jinja; the one in the GGUF is used."] };
}

/** Parameters that were left out, as a note. */
export function ignoredNote(names: readonly string[]): string[] {
  return names.length === 0
    ? []
    : [`Parameters left out, which this engine does not have: ${names.map(nameSegment).join(", ")}.`];
}

function jsonObject(text: string | null): Readonly<Record<string, unknown>> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
