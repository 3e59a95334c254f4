import type { ModelAbility } from "@arriero/spec";
import { formatDetails, type ModelDetails, type ShownModel, taggedName } from "./details.ts";

/** What was set beside the weights. */
export interface ShownSettings {
  readonly template: string | null;
  readonly system: string | null;
  readonly license: string | null;
  /** In the words of a Modelfile. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

export interface ShowAnswer {
  readonly license: string;
  readonly modelfile: string;
  readonly parameters: string;
  readonly template: string;
  readonly system: string;
  readonly details: ModelDetails;
  readonly messages: ShownSettings["messages"];
  readonly model_info: Readonly<Record<string, string | number>>;
  readonly capabilities: readonly string[];
  readonly modified_at: string;
}

/** POST /api/show */
export function formatShow(model: ShownModel, settings: ShownSettings): ShowAnswer {
  const { description } = model;
  return {
    license: settings.license ?? description?.license ?? "",
    modelfile: formatModelfile(model, settings),
    parameters: parameterLines(settings.parameters)
      .map(([name, value]) => `${name.padEnd(30)} ${value}`)
      .join("\n"),
    template: settings.template ?? "",
    system: settings.system ?? "",
    details: formatDetails(model),
    messages: settings.messages,
    model_info: modelInfo(model),
    capabilities: [...new Set((description?.abilities ?? []).flatMap((ability) => CAPABILITIES[ability]))],
    modified_at: model.modifiedAt,
  };
}

/** Ours -> Ollama's words. */
const CAPABILITIES: Readonly<Record<ModelAbility, readonly string[]>> = {
  chat: ["completion"],
  completion: ["completion"],
  embedding: ["embedding"],
  rerank: [],
  tools: ["tools"],
  reasoning: ["thinking"],
  images: [],
};

function modelInfo({ description }: ShownModel): Record<string, string | number> {
  if (description === null) return {};
  const { architecture } = description;
  return {
    "general.architecture": architecture,
    "general.parameter_count": description.parameters,
    [`${architecture}.context_length`]: description.contextLength,
    [`${architecture}.embedding_length`]: description.embeddingLength,
    [`${architecture}.block_count`]: description.layers,
    [`${architecture}.vocab_size`]: description.vocabularySize,
  };
}

function formatModelfile({ name }: ShownModel, { messages, parameters, system, template }: ShownSettings): string {
  return [
    `FROM ${taggedName(name)}`,
    ...(template === null ? [] : [`TEMPLATE ${quoted(template)}`]),
    ...(system === null ? [] : [`SYSTEM ${quoted(system)}`]),
    ...parameterLines(parameters).map(([parameter, value]) => `PARAMETER ${parameter} ${value}`),
    ...messages.map(({ role, content }) => `MESSAGE ${role} ${quoted(content)}`),
    "",
  ].join("\n");
}

function quoted(text: string): string {
  return `"""${text}"""`;
}

/** A parameter given several times stands on several lines. */
function parameterLines(parameters: ShownSettings["parameters"]): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each): [string, string] => [
      name,
      typeof each === "string" ? JSON.stringify(each) : String(each),
    ]),
  );
}
