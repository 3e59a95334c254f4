import { hash, randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_BYTES = 32;
/** Enough digits of base 62 for 32 bytes. */
const SECRET_DIGITS = 43;
const MARK = "ak_";
/** The mark and six digits: enough to tell keys apart, too few to help a guess. */
const PREFIX_LENGTH = MARK.length + 6;

/** A new key: `ak_` and 32 random bytes in base 62. */
export function newSecret(random: (bytes: number) => Buffer = randomBytes): string {
  let number = BigInt(`0x${random(SECRET_BYTES).toString("hex")}`);
  let digits = "";
  for (let digit = 0; digit < SECRET_DIGITS; digit++) {
    digits = ALPHABET[Number(number % 62n)] + digits;
    number /= 62n;
  }
  return MARK + digits;
}

/** What is kept of a key: SHA-256 in hex. The key is random and long, so it needs neither salt nor a slow hash. */
export function digestOfKey(key: string): string {
  return hash("sha256", key);
}

export const prefixOfKey = (key: string): string => key.slice(0, PREFIX_LENGTH);

const SHAPE = new RegExp(`^${MARK}[0-9A-Za-z]{${SECRET_DIGITS}}$`);

/** Whether `key` can be one of ours at all: what cannot is not worth a question to the database. */
export const isKeyShaped = (key: string): boolean => SHAPE.test(key);
