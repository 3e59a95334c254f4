import type { RerankRequest } from "@arriero/spec";
import { Fields, refusal, stringAt } from "../fields.ts";

const MAX_NAME = 256;
const MAX_DOCUMENTS = 1024;

export interface RerankPresentation {
  readonly id: string;
  /** The model as the caller wrote it. */
  readonly model: string;
  /** Results to keep, best first. */
  readonly top: number;
  /** The texts, where the caller wants them back. */
  readonly documents: readonly string[] | null;
}

export interface ParsedRerank {
  readonly request: RerankRequest;
  readonly presentation: RerankPresentation;
}

/**
 * POST /v1/rerank, as Jina, Cohere, vLLM and Xinference ask it. Throws `invalid_request` with the field at fault.
 *
 * @param context id: at most 100 characters
 */
export function parseRerank(body: unknown, context: { readonly id: string }): ParsedRerank {
  const fields = Fields.body(body);
  const model = fields.requiredString("model", MAX_NAME);
  const query = fields.requiredString("query");
  const documents = parseDocuments(fields);
  const top = fields.integer("top_n", { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? documents.length;
  const wanted = fields.boolean("return_documents") ?? false;
  return {
    request: { id: context.id, model, query, documents },
    presentation: { id: `rerank-${context.id}`, model, top, documents: wanted ? documents : null },
  };
}

function parseDocuments(fields: Fields): string[] {
  const documents = fields.list("documents", MAX_DOCUMENTS);
  if (documents === undefined || documents.length === 0) {
    throw refusal("documents", "an array of at least one document", documents);
  }
  return documents.map((each, i) => {
    if (typeof each === "string") return each;
    const document = Fields.of(each, `documents[${i}]`);
    return stringAt(document.raw("text"), document.at("text"));
  });
}
