/** A stored file as its dialect-neutral owner knows it. Times are milliseconds since the epoch. */
export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly purpose: string;
  readonly bytes: number;
  readonly createdAt: number;
  /** null: it stays until it is deleted. */
  readonly expiresAt: number | null;
}

export const seconds = (ms: number): number => Math.floor(ms / 1000);

export function formatFile({ bytes, createdAt, expiresAt, filename, id, purpose }: StoredFile) {
  return {
    id,
    object: "file" as const,
    bytes,
    created_at: seconds(createdAt),
    ...(expiresAt === null ? {} : { expires_at: seconds(expiresAt) }),
    filename,
    purpose,
    // Deprecated, and still required by older clients.
    status: "processed" as const,
  };
}

export const formatDeletedFile = (id: string) => ({ id, object: "file" as const, deleted: true });
