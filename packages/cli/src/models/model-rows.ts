import type { StoredModel } from "@arriero/engine";
import type { ModelDescription } from "@arriero/spec";
import type { Screen } from "../terminal/screen.ts";
import { facts, table } from "../terminal/table.ts";
import { ago, bytes, grouped, magnitude } from "../terminal/units.ts";

/** A model of the store with what its header says; `description` is null where the file cannot be read. */
export interface ListedModel {
  readonly stored: StoredModel;
  readonly description: ModelDescription | null;
}

/** Lines of a chat template shown by `show`. */
const TEMPLATE_LINES = 8;
const NONE = "-";

/** `arriero list` for people. */
export function modelTable(models: readonly ListedModel[], now: number, screen: Screen): string {
  const rows = models.map(({ stored, description }) => [
    stored.name,
    bytes(stored.sizeBytes),
    description?.quantization ?? "unreadable",
    description === null ? NONE : grouped(description.contextLength),
    ago(Date.parse(stored.modifiedAt), now),
    stored.bundled ? "bundled" : (stored.source ?? NONE),
  ]);
  return table(
    [
      { title: "NAME", shrinkTo: 12 },
      { title: "SIZE", align: "right" },
      { title: "QUANT" },
      { title: "CONTEXT", align: "right" },
      { title: "MODIFIED" },
      { title: "SOURCE", shrinkTo: 8 },
    ],
    rows,
    { width: screen.columns(), palette: screen.palette },
  );
}

function excerpt(text: string): string {
  const lines = text.trimEnd().split("\n");
  const more = lines.length - TEMPLATE_LINES;
  return more > 0 ? `${lines.slice(0, TEMPLATE_LINES).join("\n")}\n… ${more} more lines` : lines.join("\n");
}

/** `arriero show` for people. */
export function modelFacts(stored: StoredModel, description: ModelDescription, template: string | null, screen: Screen): string {
  const parameters = Object.entries(stored.parameters).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const pairs: (readonly [string, string | null])[] = [
    ["name", description.name],
    ["architecture", description.architecture],
    ["parameters", magnitude(description.parameters)],
    ["quantisation", description.quantization],
    ["size", bytes(stored.sizeBytes)],
    ["context", `${grouped(description.contextLength)} tokens`],
    ["embedding", `${grouped(description.embeddingLength)} wide, ${description.layers} layers`],
    ["vocabulary", `${grouped(description.vocabularySize)} tokens`],
    ["abilities", description.abilities.join(", ") || NONE],
    ["adapters", description.adapters.map((adapter) => `${description.name}+${adapter}`).join(", ") || NONE],
    ["licence", description.license ?? "not stated"],
    ["source", stored.bundled ? "bundled" : (stored.source ?? NONE)],
    ["digest", stored.digest],
    ["file", stored.path],
    ["system", stored.system === null ? null : excerpt(stored.system)],
    ["settings", parameters.length === 0 ? null : parameters.join("\n")],
    ["template", template === null ? null : excerpt(template)],
  ];
  return facts(
    pairs.flatMap(([label, value]) => (value === null ? [] : [[label, value] as const])),
    screen.palette,
  );
}
