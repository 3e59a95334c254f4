import { createHash } from "node:crypto";

/**
 * Id of a model's n-th replica, also the name of its snapshot folder: only letters, digits, `.`, `_` and `-`. A name
 * that had to be changed carries a digest, so that no two models share an id.
 */
export function replicaId(model: string, index: number): string {
  const plain = model
    .replace(/[^A-Za-z0-9._-]/g, "_")
    .replace(/^\.+/, "_")
    .slice(0, 64);
  const suffix = plain === model ? "" : `.${createHash("sha256").update(model).digest("hex").slice(0, 8)}`;
  return `${plain}${suffix}-${index}`;
}
