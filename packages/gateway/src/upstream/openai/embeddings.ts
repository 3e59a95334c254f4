import type { EmbeddingRequest, EmbeddingResult } from "@arriero/spec";
import { embeddingResult } from "../backend/embeddings.ts";
import { countOf, objectOf, objectsOf } from "../backend/json-object.ts";

/** The vectors of an embeddings answer, in the order of the inputs. */
export function readEmbeddings(request: EmbeddingRequest, body: unknown): EmbeddingResult {
  const answer = objectOf(body);
  const rows = [...objectsOf(answer.data)].sort((a, b) => countOf(a.index) - countOf(b.index));
  return embeddingResult(
    request,
    rows.map((row) => row.embedding),
    countOf(objectOf(answer.usage).prompt_tokens),
  );
}
