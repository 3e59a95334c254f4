import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { ArrieroError } from "@arriero/spec";

const BYTE_ORDER_MARK = 0xfeff;

export interface BodyLimits {
  readonly bodyBytes: number;
  readonly requestMs: number;
}

/**
 * The request's JSON body. Throws unsupported_media_type, body_too_large, request_timeout, invalid_json, or cancelled
 * when the caller leaves in the middle of it. The content type is required: a web form cannot send it.
 * @param read the bytes, where they are here already
 */
export async function readJsonBody(
  request: IncomingMessage,
  limits: BodyLimits,
  declared: "json" | "any type" = "json",
  read?: Buffer,
): Promise<unknown> {
  if (declared === "json" || isFromBrowser(request)) requireJson(request);
  return parseJson(read ?? (await readBytes(request, limits)));
}

/** A web page can make a browser send any text as a form; what it cannot do is keep these headers out. */
function isFromBrowser({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
}

function requireJson(request: IncomingMessage): void {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ArrieroError("unsupported_media_type", `The body must be application/json, but Content-Type is ${quote(type)}.`);
  }
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new ArrieroError(
      "unsupported_media_type",
      `The body must not be encoded, but Content-Encoding is ${quote(encoding)}.`,
      {
        hint: "Send the body without Content-Encoding.",
      },
    );
  }
}

/** Throws unsupported_media_type. */
export function requireBytes({ headers }: IncomingMessage): void {
  const type = headers["content-type"] ?? "";
  if (type === "application/octet-stream") return;
  throw new ArrieroError(
    "unsupported_media_type",
    `The body must be application/octet-stream, but Content-Type is ${quote(type)}.`,
    {
      hint: "Send the file's bytes with Content-Type: application/octet-stream.",
    },
  );
}

/** The whole body. Throws body_too_large, request_timeout, or cancelled. */
export function readBytes(request: IncomingMessage, { bodyBytes, requestMs }: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > bodyBytes) {
      reject(tooLarge(announced, bodyBytes));
      return;
    }
    const chunks: Buffer[] = [];
    let received = 0;
    let isOver = false;
    // Listeners stay: they go with the request, and what comes after the end is dropped.
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      if (isOver) return;
      received += chunk.length;
      if (received > bodyBytes) end(() => reject(tooLarge(received, bodyBytes)));
      else chunks.push(chunk);
    };
    const onEnd = (): void => end(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    const onClose = (): void =>
      end(() => reject(new ArrieroError("cancelled", `The connection closed after ${received} bytes.`)));
    const late = (): ArrieroError =>
      new ArrieroError("request_timeout", `The body was not complete after ${requestMs} ms; ${received} bytes had come.`);
    const timer = setTimeout(() => end(() => reject(late())), requestMs);
    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new ArrieroError("invalid_json", "The body is empty.");
  try {
    if (!isUtf8(bytes)) throw new TypeError("not UTF-8");
    const text = bytes.toString("utf8");
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  } catch (thrown) {
    const reason = thrown instanceof SyntaxError ? thrown.message : "it is not UTF-8";
    throw new ArrieroError("invalid_json", `The body is not JSON: ${reason}.`);
  }
}

function tooLarge(bytes: number, limit: number): ArrieroError {
  return new ArrieroError("body_too_large", `The body may have ${limit} bytes, but has at least ${bytes}.`);
}

function quote(header: string): string {
  return header === "" ? "missing" : JSON.stringify(header.slice(0, 80));
}
