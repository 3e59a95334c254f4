import { ArrieroError } from "@arriero/spec";
import type { ByteSource } from "./byte-source.ts";
import { MAX_HEADER_BYTES, READ_CHUNK_BYTES } from "./gguf-limits.ts";

/** The error for a rule broken at `offset`. */
export function ggufInvalid(rule: string, offset: number): ArrieroError {
  return new ArrieroError("gguf_invalid", `${rule} (at byte ${offset})`);
}

/** The error for a file that ends before what it announces. */
export function ggufTruncated(what: string, wantedBytes: number, actualBytes: number): ArrieroError {
  return new ArrieroError("gguf_truncated", `${what} needs the file to have ${wantedBytes} bytes, it has ${actualBytes}`);
}

/**
 * Reads forward through a source, a chunk at a time. `need(n)` makes the next n bytes available, after which the
 * synchronous readers take them; so a vocabulary of 200,000 strings costs a promise per chunk, not per string.
 */
export class GgufCursor {
  readonly #source: ByteSource;
  #window: DataView = new DataView(new ArrayBuffer(0));
  /** Offset in the file of the window's first byte. */
  #start = 0;
  #at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.#start + this.#at;
  }

  get remaining(): number {
    return Math.max(0, this.#source.size - this.offset);
  }

  /** Undefined when the bytes are there already. */
  need(bytes: number, what: string): Promise<void> | undefined {
    return this.#window.byteLength - this.#at >= bytes ? undefined : this.#fill(bytes, what);
  }

  async #fill(bytes: number, what: string): Promise<void> {
    const offset = this.offset;
    const wanted = offset + bytes;
    if (wanted > this.#source.size) throw ggufTruncated(what, wanted, this.#source.size);
    if (wanted > MAX_HEADER_BYTES)
      throw ggufInvalid(`${what} lies beyond the first ${MAX_HEADER_BYTES} bytes, where a header must end`, offset);
    const chunk = await this.#source.read(offset, Math.min(Math.max(bytes, READ_CHUNK_BYTES), this.#source.size - offset));
    if (chunk.length < bytes) throw ggufTruncated(what, wanted, offset + chunk.length);
    this.#window = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#start = offset;
    this.#at = 0;
  }

  /** Moves on without reading; the caller has checked `bytes` against `remaining`. */
  skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at <= this.#window.byteLength) return;
    this.#start += this.#at;
    this.#at = 0;
    this.#window = new DataView(new ArrayBuffer(0));
  }

  #take(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }

  uint8 = (): number => this.#window.getUint8(this.#take(1));
  int8 = (): number => this.#window.getInt8(this.#take(1));
  uint16 = (): number => this.#window.getUint16(this.#take(2), true);
  int16 = (): number => this.#window.getInt16(this.#take(2), true);
  uint32 = (): number => this.#window.getUint32(this.#take(4), true);
  int32 = (): number => this.#window.getInt32(this.#take(4), true);
  float32 = (): number => this.#window.getFloat32(this.#take(4), true);
  float64 = (): number => this.#window.getFloat64(this.#take(8), true);
  uint64 = (): number | bigint => narrow(this.#window.getBigUint64(this.#take(8), true));
  int64 = (): number | bigint => narrow(this.#window.getBigInt64(this.#take(8), true));

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return new Uint8Array(this.#window.buffer, this.#window.byteOffset + at, length);
  }

  /** A count or length of at most `max`. */
  count(what: string, max: number): number {
    const offset = this.offset;
    const value = this.uint64();
    if (value > max) throw ggufInvalid(`${what} is ${value}, at most ${max} is allowed`, offset);
    return Number(value);
  }
}

function narrow(value: bigint): number | bigint {
  const narrowed = Number(value);
  return Number.isSafeInteger(narrowed) ? narrowed : value;
}
