import type { ImageResult } from "@arriero/spec";
import { malformed } from "../backend/backend-faults.ts";
import { countOf, objectOf, objectsOf } from "../backend/json-object.ts";

/** A backend's answer with images, checked as far as a client relies on it. @throws UpstreamBroken */
export function imageResult(answer: unknown): ImageResult {
  const body = objectOf(answer);
  const images = [...objectsOf(body["data"])];
  if (images.length === 0 || !images.every(hasImage)) throw malformed("an answer without images");
  const usage = objectOf(body["usage"] ?? {});
  return { body, promptTokens: countOf(usage["input_tokens"] ?? 0), completionTokens: countOf(usage["output_tokens"] ?? 0) };
}

const hasImage = ({ b64_json, url }: Readonly<Record<string, unknown>>): boolean =>
  [b64_json, url].some((value) => typeof value === "string" && value !== "");
