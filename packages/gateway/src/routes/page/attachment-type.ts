import { ArrieroError, type page } from "@arriero/spec";

const IMAGES: readonly (readonly [string, readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
];

/** What a file is, by its bytes: never by its name, which anyone may choose. Throws unsupported. */
export function recognise(bytes: Buffer): { type: string; kind: page.Attachment["kind"] } {
  const image = IMAGES.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (image !== undefined) return { type: image[0], kind: "image" };
  if (bytes.subarray(0, 4).toString("latin1") === "RIFF" && bytes.subarray(8, 12).toString("latin1") === "WEBP") {
    return { type: "image/webp", kind: "image" };
  }
  try {
    if (!new TextDecoder("utf-8", { fatal: true }).decode(bytes).includes("\0"))
      return { type: "text/plain; charset=utf-8", kind: "text" };
  } catch {
    // Not UTF-8.
  }
  throw new ArrieroError("unsupported", "The file is neither text in UTF-8 nor a PNG, JPEG, GIF or WebP image.", {
    hint: "Convert it first.",
  });
}
