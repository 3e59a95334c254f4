import type { ModelAbility, ModelDescription } from "@arriero/spec";
import { arrayValue, type GgufHeader, numberValue, textValue } from "./gguf-header.ts";
import { FILE_TYPES } from "./tensor-types.ts";

/** Encoders that read text and write none. */
const ENCODERS: ReadonlySet<string> = new Set([
  "bert",
  "modern-bert",
  "nomic-bert",
  "nomic-bert-moe",
  "neo-bert",
  "jina-bert-v2",
  "jina-bert-v3",
  "eurobert",
  "gemma-embedding",
  "t5encoder",
  "llama-embed",
]);

/** `enum llama_pooling_type`: none is 0, rank is 4. */
const POOLING_NONE = 0;
const POOLING_RANK = 4;

/** How people's templates mark the text a model thinks to itself. */
const REASONING_MARKS = /<think>|<\|think|<thinking>|enable_thinking|reasoning_content|<\|channel\|>analysis|\[THINK\]/;
const TOOL_MARKS = /\btools\b|\btool_calls\b/;

/**
 * What the model is, from its header alone. `template` stands in for the file's own chat template where the Modelfile
 * gave one; `sizeBytes` is the size of the file.
 */
export function describeGguf(
  header: GgufHeader,
  name: string,
  sizeBytes: number,
  adapters: readonly string[],
  template: string | null = null,
): ModelDescription {
  const architecture = textValue(header, "general.architecture") ?? "unknown";
  const dimension = (key: string): number => numberValue(header, `${architecture}.${key}`) ?? 0;
  return {
    name,
    architecture,
    parameters: header.tensors.reduce((sum, tensor) => sum + tensor.elements, 0),
    quantization: quantizationOf(header),
    sizeBytes,
    contextLength: dimension("context_length"),
    embeddingLength: dimension("embedding_length"),
    layers: dimension("block_count"),
    vocabularySize: arrayValue(header, "tokenizer.ggml.tokens")?.length ?? dimension("vocab_size"),
    abilities: abilitiesOf(
      architecture,
      numberValue(header, `${architecture}.pooling_type`),
      template ?? textValue(header, "tokenizer.chat_template"),
    ),
    adapters: [...adapters],
    license: textValue(header, "general.license") ?? textValue(header, "general.license.name"),
  };
}

/** What a model of this architecture, pooling and chat template can be asked for. */
export function abilitiesOf(architecture: string, pooling: number | null, template: string | null): ModelAbility[] {
  if (pooling === POOLING_RANK) return ["rerank"];
  if (ENCODERS.has(architecture) || (pooling !== null && pooling !== POOLING_NONE)) return ["embedding"];
  if (template === null || template.trim() === "") return ["completion"];
  const abilities: ModelAbility[] = ["chat", "completion"];
  if (TOOL_MARKS.test(template)) abilities.push("tools");
  if (REASONING_MARKS.test(template)) abilities.push("reasoning");
  return abilities;
}

/** The name of `general.file_type`, or else the type that holds most of the weights. */
export function quantizationOf(header: GgufHeader): string {
  const named = FILE_TYPES.get(numberValue(header, "general.file_type") ?? -1);
  if (named !== undefined) return named;
  const elements = new Map<string, number>();
  for (const tensor of header.tensors) elements.set(tensor.type, (elements.get(tensor.type) ?? 0) + tensor.elements);
  let [best, most] = ["unknown", -1];
  for (const [type, count] of elements) if (count > most) [best, most] = [type, count];
  return best;
}
