import { ArrieroError } from "@arriero/spec";
import { Busboy, type BusboyInstance } from "@fastify/busboy";

/** Fields beside the file, and their length. */
const MOST_FIELDS = 16;
const MOST_FIELD_BYTES = 4096;
/** Of the file's own bytes, this many wait for the disk at most. */
const WAITING_BYTES = 1 << 20;

export interface ReceivedForm {
  /** As the client called it; null: the form had none. */
  readonly filename: string | null;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Reads a form with one file, whose bytes go to `write` as they come, no faster than it takes them. Throws
 * unsupported_media_type, invalid_request, or what `write` throws.
 */
export async function receiveForm(
  contentType: string,
  bytes: AsyncIterable<Uint8Array>,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<ReceivedForm> {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    const message = `The body must be multipart/form-data, but Content-Type is ${JSON.stringify(contentType.slice(0, 80))}.`;
    throw new ArrieroError("unsupported_media_type", message, { hint: "Send the file as a form: curl -F file=@requests.jsonl." });
  }
  const parser = openParser(contentType);
  const fields = new Map<string, string>();
  let filename: string | null = null;
  let failure: unknown = null;
  let finished = false;
  const waiting: Uint8Array[] = [];
  parser.on("field", (name, value) => fields.set(name, value));
  parser.on("file", (name, file, given) => {
    // A form that ends within the file says so here alone.
    file.on("error", (error) => {
      failure ??= malformed(error);
    });
    if (name !== "file") {
      file.resume();
      return;
    }
    filename = given || "file";
    file.on("data", (chunk: Uint8Array) => waiting.push(chunk));
  });
  parser.on("error", (error) => {
    failure ??= malformed(error);
  });
  parser.on("finish", () => {
    finished = true;
  });
  const settle = async (): Promise<void> => {
    if (failure !== null) throw failure;
    for (const chunk of waiting.splice(0)) await write(chunk);
  };
  for await (const chunk of bytes) {
    // Bounded: what one chunk of the body holds is written before the next is read.
    for (let at = 0; at < chunk.length; at += WAITING_BYTES) {
      const piece = Buffer.from(chunk.subarray(at, at + WAITING_BYTES));
      await new Promise<void>((resolve) => parser.write(piece, () => resolve()));
      await settle();
    }
  }
  parser.end();
  // The last events come on later turns of the loop.
  for (let turn = 0; turn < 100 && !finished && failure === null; turn++) await new Promise((resolve) => setImmediate(resolve));
  await settle();
  if (!finished) throw malformed(new Error("it ends too early"));
  return { filename, fields };
}

function openParser(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { "content-type": contentType },
      limits: { files: 1, fields: MOST_FIELDS, parts: MOST_FIELDS + 1, fieldSize: MOST_FIELD_BYTES, fieldNameSize: 256 },
    });
  } catch (thrown) {
    throw malformed(thrown);
  }
}

function malformed(thrown: unknown): ArrieroError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new ArrieroError("invalid_request", `The form cannot be read: ${why}.`, { hint: "Send it as multipart/form-data." });
}
