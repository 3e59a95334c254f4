const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Text from bytes that arrive in pieces. Tokens may end inside a character: up to three bytes are held back until the
 * character is complete or cannot become one. The pieces joined, with `flush()` last, equal what one TextDecoder
 * (replacement mode, byte order mark kept) makes of all the bytes at once.
 */
export class Utf8Stream {
  #held = new Uint8Array(0);

  /** The text that is complete with these bytes. */
  feed(bytes: Uint8Array): string {
    const all = this.#held.length === 0 ? bytes : concat(this.#held, bytes);
    const end = all.length - unfinishedLength(all);
    this.#held = all.slice(end);
    return end === 0 ? "" : decoder.decode(all.subarray(0, end));
  }

  /** What is left when no more bytes come: an unfinished character becomes U+FFFD. */
  flush(): string {
    const text = decoder.decode(this.#held);
    this.#held = new Uint8Array(0);
    return text;
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Length of the sequence at the end that is well-formed so far and not complete (Unicode 15, table 3-7): 0 to 3. */
function unfinishedLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const lead = bytes[bytes.length - length]!;
    if (isContinuation(lead)) continue;
    if (length >= sequenceLength(lead)) return 0;
    const second = bytes[bytes.length - length + 1];
    return second === undefined || isSecondByte(lead, second) ? length : 0;
  }
  return 0;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Bytes of the sequence that a lead byte opens; 1 for ASCII and for bytes that open none. */
function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 1;
}

/** Overlong forms, surrogates and code points above U+10FFFF show at the second byte. */
function isSecondByte(lead: number, byte: number): boolean {
  switch (lead) {
    case 0xe0:
      return byte >= 0xa0 && byte <= 0xbf;
    case 0xed:
      return byte >= 0x80 && byte <= 0x9f;
    case 0xf0:
      return byte >= 0x90 && byte <= 0xbf;
    case 0xf4:
      return byte >= 0x80 && byte <= 0x8f;
    default:
      return isContinuation(byte);
  }
}
