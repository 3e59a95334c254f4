/** Why native code cannot be used, or refused a call. Callers above turn it into a coded error. */
export class NativeError extends Error {
  readonly kind: "missing" | "mismatch" | "refused";

  constructor(kind: NativeError["kind"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "NativeError";
    this.kind = kind;
  }
}
