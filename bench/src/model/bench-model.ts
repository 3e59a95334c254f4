import { type Dimensions, tensorShapes } from "./dimensions.ts";
import { ggufHeader, type MetadataValue, padding } from "./gguf-header.ts";
import { BLOCK_LAYOUT, type BlockType, blockTypeOf, byteLength, FILE_TYPE, type Quant } from "./quant-mix.ts";
import { byteStream, shapeBlocks } from "./random-blocks.ts";
import { syntheticVocabulary, type Vocabulary } from "./synthetic-vocabulary.ts";

/** Raised when the bytes of the model change: a cached file with another number is written anew. */
const RECIPE = 1;

const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** Bytes of a tensor produced at a time; bounds the memory of generation. */
const CHUNK_BYTES = 8 << 20;

interface PlannedTensor {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
  readonly type: BlockType;
  readonly bytes: number;
}

export interface BenchModel {
  readonly header: Buffer;
  /** Size of the whole file. */
  readonly bytes: number;
  readonly tensors: readonly PlannedTensor[];
  /** The file's bytes after the header, in order, in chunks of at most a few megabytes. */
  chunks(): Generator<Buffer>;
}

/** A llama-architecture model with random weights: the cost of a real one, and nothing to download. The same seed gives the same bytes. */
export function benchModel(dimensions: Dimensions, quant: Quant, seed: number): BenchModel {
  const vocabulary = syntheticVocabulary(dimensions.vocabulary);
  const tensors = tensorShapes(dimensions).map((shape): PlannedTensor => {
    const type = blockTypeOf(shape, quant, dimensions.layers);
    return { ...shape, type, bytes: byteLength(shape, type) };
  });
  const header = ggufHeader(
    metadata(dimensions, quant, seed, vocabulary),
    tensors.map(({ name, columns, rows, type, bytes }) => ({
      name,
      shape: rows === 1 ? [columns] : [columns, rows],
      ggmlType: BLOCK_LAYOUT[type].ggmlType,
      bytes,
    })),
  );
  return {
    header,
    bytes: header.length + tensors.reduce((sum, tensor) => sum + tensor.bytes + padding(tensor.bytes), 0),
    tensors,
    *chunks() {
      for (const tensor of tensors) {
        yield* tensorChunks(tensor, dimensions, vocabulary, `${seed} ${quant} ${tensor.name}`);
        yield Buffer.alloc(padding(tensor.bytes));
      }
    },
  };
}

function* tensorChunks(tensor: PlannedTensor, dimensions: Dimensions, vocabulary: Vocabulary, seed: string): Generator<Buffer> {
  if (tensor.type === "F32") {
    yield Buffer.from(new Float32Array(tensor.columns).fill(1).buffer);
    return;
  }
  const stream = byteStream(seed);
  const rowBytes = tensor.bytes / tensor.rows;
  const rowsAtOnce = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes));
  for (let row = 0; row < tensor.rows; row += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, tensor.rows - row);
    const bytes = shapeBlocks(stream(rows * rowBytes), tensor.type, deviation(tensor, dimensions));
    // Only whole words are ever the likeliest token: the logit of every other one is zero.
    if (tensor.name === "output.weight") bytes.fill(0, 0, Math.max(0, Math.min(rows, vocabulary.firstWord - row)) * rowBytes);
    yield bytes;
  }
}

/** Keeps the residual stream near unit variance at any depth: fan-in scaling, and 1/sqrt(2 layers) where a block writes back. */
function deviation(tensor: PlannedTensor, dimensions: Dimensions): number {
  if (tensor.name === "token_embd.weight") return 1;
  const writesBack = tensor.name.endsWith("attn_output.weight") || tensor.name.endsWith("ffn_down.weight");
  return 1 / Math.sqrt(tensor.columns * (writesBack ? 2 * dimensions.layers : 1));
}

function metadata(dimensions: Dimensions, quant: Quant, seed: number, vocabulary: Vocabulary): Record<string, MetadataValue> {
  const count = (value: number): MetadataValue => ({ type: "u32", value });
  return {
    "general.architecture": { type: "string", value: "llama" },
    "general.name": { type: "string", value: "Arriero bench, random weights" },
    "general.file_type": count(FILE_TYPE[quant]),
    "general.quantization_version": count(2),
    "arriero.bench.recipe": count(RECIPE),
    "arriero.bench.seed": count(seed),
    "llama.block_count": count(dimensions.layers),
    "llama.context_length": count(dimensions.context),
    "llama.embedding_length": count(dimensions.embedding),
    "llama.feed_forward_length": count(dimensions.feedForward),
    "llama.attention.head_count": count(dimensions.heads),
    "llama.attention.head_count_kv": count(dimensions.kvHeads),
    "llama.attention.layer_norm_rms_epsilon": { type: "f32", value: 1e-5 },
    "llama.rope.dimension_count": count(dimensions.embedding / dimensions.heads),
    "llama.rope.freq_base": { type: "f32", value: 10_000 },
    "llama.vocab_size": count(dimensions.vocabulary),
    "tokenizer.ggml.model": { type: "string", value: "gpt2" },
    "tokenizer.ggml.pre": { type: "string", value: "gpt-2" },
    "tokenizer.ggml.tokens": { type: "strings", value: vocabulary.tokens },
    "tokenizer.ggml.token_type": { type: "i32s", value: vocabulary.types },
    "tokenizer.ggml.merges": { type: "strings", value: vocabulary.merges },
    "tokenizer.ggml.bos_token_id": count(vocabulary.bos),
    "tokenizer.ggml.eos_token_id": count(vocabulary.eos),
    "tokenizer.ggml.add_bos_token": { type: "bool", value: true },
    "tokenizer.chat_template": { type: "string", value: CHATML },
  };
}
