import type { EmbeddingRequest } from "@arriero/spec";
import { Fields, integerAt, listAt, refusal } from "../../fields.ts";
import type { ParseContext } from "../context.ts";

const MAX_NAME = 256;
const MAX_INPUTS = 2048;
const MAX_INPUT_TOKENS = 1_000_000;
const MAX_DIMENSIONS = 65_536;

export interface EmbeddingsPresentation {
  readonly model: string;
  readonly encoding: "float" | "base64";
  /** Leading components to keep; null: all. */
  readonly dimensions: number | null;
}

export interface ParsedEmbeddings {
  readonly request: EmbeddingRequest;
  readonly presentation: EmbeddingsPresentation;
}

/** POST /v1/embeddings. `input` is a text, token ids, or an array of either. Adapters have no part in it: the name is taken whole. */
export function parseEmbeddings(body: unknown, context: Pick<ParseContext, "id">): ParsedEmbeddings {
  const fields = Fields.body(body);
  const written = fields.requiredString("model", MAX_NAME);
  return {
    request: { id: context.id, model: written, inputs: parseInputs(fields), normalize: true },
    presentation: {
      model: written,
      encoding: fields.oneOf("encoding_format", ["float", "base64"]) ?? "float",
      dimensions: fields.integer("dimensions", { min: 1, max: MAX_DIMENSIONS }) ?? null,
    },
  };
}

function parseInputs(fields: Fields): (string | number[])[] {
  const value = fields.raw("input");
  if (typeof value === "string") return [value];
  if (!Array.isArray(value) || value.length === 0) throw refusal("input", "a string, or an array that is not empty", value);
  if (typeof value[0] === "number") return [tokens(value, "input")];
  return listAt(value, "input", MAX_INPUTS).map((each, i) => {
    if (typeof each === "string") return each;
    if (Array.isArray(each) && each.length > 0) return tokens(each, `input[${i}]`);
    throw refusal(`input[${i}]`, "a string or an array of token ids", each);
  });
}

function tokens(value: unknown, path: string): number[] {
  const rule = { min: 0, max: 0x7fffffff };
  return listAt(value, path, MAX_INPUT_TOKENS).map((each, i) => integerAt(each, `${path}[${i}]`, rule));
}
