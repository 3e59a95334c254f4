/** Where a pull stands. `resumedBytes` are those of an earlier run, counted in `receivedBytes` too. */
export interface PullProgress {
  readonly phase: "resolving" | "downloading" | "verifying" | "done";
  readonly file: string;
  /** Bytes downloaded, or while verifying, bytes read back. */
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
  readonly resumedBytes: number;
  /** `sha256:HEX`, where the publisher tells it beforehand. */
  readonly digest?: string | null;
}

/** Reports at most every `intervalMs`, except that a change of phase or file and the last byte always come through. */
export function throttled(
  report: ((progress: PullProgress) => void) | undefined,
  now: () => number,
  intervalMs = 50,
): (progress: PullProgress) => void {
  if (report === undefined) return () => undefined;
  let last: { at: number; phase: string; file: string } | null = null;
  return (progress) => {
    const same = last !== null && last.phase === progress.phase && last.file === progress.file;
    if (same && last !== null && now() - last.at < intervalMs && progress.receivedBytes !== progress.totalBytes) return;
    last = { at: now(), phase: progress.phase, file: progress.file };
    report(progress);
  };
}
