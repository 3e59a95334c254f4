import { type ImageRequest, MOST_IMAGES } from "@arriero/spec";
import { Fields, unsupported } from "../../fields.ts";

/**
 * What has to be known of a request for images; everything else is the backend's business and goes there as it came.
 * Throws invalid_json, invalid_request or unsupported. @param id request id
 */
export function parseImages(body: unknown, { id }: { readonly id: string }): ImageRequest {
  const fields = Fields.body(body);
  fields.requiredString("prompt");
  fields.oneOf("response_format", ["url", "b64_json"]);
  if (fields.boolean("stream") === true) throw unsupported("stream", "Images are answered whole; leave stream out.");
  const model = fields.string("model", 256) ?? "";
  const n = fields.integer("n", { min: 1, max: MOST_IMAGES }) ?? 1;
  const asked = Object.fromEntries(
    fields.keys().flatMap((key) => (fields.raw(key) === undefined ? [] : [[key, fields.shallow(key)]])),
  );
  // Ours, and not for others to read.
  delete asked["metadata"];
  return { id, model, n, body: asked };
}
