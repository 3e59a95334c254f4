import { createHash, timingSafeEqual } from "node:crypto";

/** SHA-256 in hex: what is kept of a token, so that who reads the database cannot use it. */
export const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Takes as long whatever is given. */
export const isSameText = (given: string, wanted: string): boolean =>
  timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(wanted)));
