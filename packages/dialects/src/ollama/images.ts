import { type Fields, unsupported } from "../fields.ts";

const MAX_IMAGES = 1024;

/** Clients send `images: []` with every message; one with something in it would change the answer. */
export function refuseImages(fields: Fields): void {
  const images = fields.list("images", MAX_IMAGES) ?? [];
  if (images.length > 0) throw unsupported(fields.at("images"), "Images are not supported; this engine reads text.");
}
