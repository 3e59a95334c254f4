import type { EmbeddingRequest, EmbeddingResult, RerankRequest, RerankResult } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import type { VocabularyTokenizer } from "../prompt/vocabulary-tokenizer.ts";
import type { WorkerClient } from "../worker/worker-client.ts";
import { POOLING_TOKENS } from "./pooling-context.ts";

/** Embeddings and reranking of one replica: tokenizes, checks, and asks the worker. */
export class PoolingService {
  readonly #worker: WorkerClient;
  readonly #tokenizer: VocabularyTokenizer;
  readonly #ranks: boolean;

  /** @param ranks whether the model has a ranking head */
  constructor(worker: WorkerClient, tokenizer: VocabularyTokenizer, ranks: boolean) {
    this.#worker = worker;
    this.#tokenizer = tokenizer;
    this.#ranks = ranks;
  }

  async embed(request: EmbeddingRequest): Promise<EmbeddingResult> {
    const inputs = request.inputs.map((input) =>
      typeof input === "string" ? this.#tokenizer.tokenize(input, true, false) : Int32Array.from(input),
    );
    const promptTokens = this.#check(inputs);
    const vectors = await this.#worker.pool("embed", inputs);
    return {
      model: request.model,
      vectors: vectors.map((vector) => (request.normalize ? unit(vector) : Array.from(vector))),
      promptTokens,
    };
  }

  async rerank(request: RerankRequest): Promise<RerankResult> {
    if (!this.#ranks) throw new ArrieroError("unsupported", `${request.model} has no ranking head, so it cannot rerank.`);
    const inputs = request.documents.map((document) => this.#pair(request.query, document));
    const promptTokens = this.#check(inputs);
    const scores = await this.#worker.pool("rank", inputs);
    return { model: request.model, scores: scores.map((score) => score[0] ?? 0), promptTokens };
  }

  /** Total tokens. @throws ArrieroError naming the input that is empty, too long or has an unknown token */
  #check(inputs: readonly Int32Array[]): number {
    const { size } = this.#tokenizer;
    let total = 0;
    for (const [index, input] of inputs.entries()) {
      const param = `input[${index}]`;
      if (input.length === 0) throw new ArrieroError("invalid_request", `${param} is empty`, { param });
      if (input.length > POOLING_TOKENS)
        throw new ArrieroError("context_length_exceeded", `${param} has ${input.length} tokens and ${POOLING_TOKENS} fit`, {
          param,
        });
      const wrong = input.find((token) => token >= size);
      if (wrong !== undefined)
        throw new ArrieroError("invalid_request", `${param} has token ${wrong}, the vocabulary ends at ${size - 1}`, { param });
      total += input.length;
    }
    return total;
  }

  /** The pair as ranking models want it: query, separator, document, each with its ends. */
  #pair(query: string, document: string): Int32Array {
    const head = this.#tokenizer.tokenize(query, true, false);
    const tail = this.#tokenizer.tokenize(document, true, false);
    // The second text's leading CLS becomes the separator that the first one already carries.
    return Int32Array.from([...head, ...tail.subarray(tail.length > 0 && tail[0] === head[0] ? 1 : 0)]);
  }
}

/** Scaled to length 1; a zero vector stays zero. */
function unit(vector: Float32Array): number[] {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const norm = Math.sqrt(squares);
  return Array.from(vector, (value) => (norm === 0 ? 0 : value / norm));
}
