import type { EmbeddingModelV3 } from "@ai-sdk/provider";
import { ArrieroError, type EmbeddingRequest, type EmbeddingResult } from "@arriero/spec";
import { embeddingResult } from "../backend/embeddings.ts";

/** Calls at a time, where a vendor takes fewer texts a call than were asked for. */
const MOST_CALLS = 8;

/** Embeds all inputs, in as many calls as the vendor's bound on one asks for. Vectors come in the order of the inputs. */
export async function embedAll(
  model: EmbeddingModelV3,
  request: EmbeddingRequest,
  abortSignal: AbortSignal,
): Promise<EmbeddingResult> {
  const texts = request.inputs.filter((input) => typeof input === "string");
  if (texts.length < request.inputs.length) {
    throw new ArrieroError("unsupported", "The backend of this model embeds texts, not token ids.");
  }
  const most = (await model.maxEmbeddingsPerCall) ?? texts.length;
  const calls = Array.from({ length: Math.ceil(texts.length / most) }, (_, i) => texts.slice(i * most, (i + 1) * most));
  const vectors: (readonly number[])[][] = [];
  let promptTokens = 0;
  let next = 0;
  const embedNext = async (): Promise<void> => {
    try {
      for (let at = next++; at < calls.length; at = next++) {
        const { embeddings, usage } = await model.doEmbed({ values: calls[at]!, abortSignal });
        vectors[at] = embeddings;
        promptTokens += usage?.tokens ?? 0;
      }
    } catch (thrown) {
      // One that failed has lost all: the others need not go on.
      next = calls.length;
      throw thrown;
    }
  };
  const atOnce = (await model.supportsParallelCalls) ? Math.min(MOST_CALLS, calls.length) : 1;
  await Promise.all(Array.from({ length: atOnce }, embedNext));
  return embeddingResult(request, vectors.flat(), promptTokens);
}
