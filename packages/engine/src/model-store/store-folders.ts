import { join } from "node:path";

/** Where the store keeps what, below `home`. */
export interface StoreFolders {
  readonly blobs: string;
  readonly manifests: string;
  readonly partial: string;
  readonly locks: string;
  /** Files sent by callers, until a model is made of them. */
  readonly uploads: string;
}

/** The folders of the store in `home`. */
export function storeFolders(home: string): StoreFolders {
  const models = join(home, "models");
  return {
    blobs: join(models, "blobs"),
    manifests: join(models, "manifests"),
    partial: join(models, "partial"),
    locks: join(models, "locks"),
    uploads: join(models, "uploads"),
  };
}

/** The file of the blob with `digest` (`sha256:HEX`). */
export function blobPath(folders: StoreFolders, digest: string): string {
  return join(folders.blobs, digest.replace(":", "-"));
}
