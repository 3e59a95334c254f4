import { bareDigest } from "./details.ts";

/** Where a pull or a creation stands. */
export interface LibraryProgress {
  readonly phase: "resolving" | "downloading" | "verifying" | "done";
  readonly file: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
  /** `sha256:HEX` where the publisher tells it. */
  readonly digest: string | null;
}

export interface ProgressLine {
  readonly status: string;
  readonly digest?: string;
  readonly total?: number;
  readonly completed?: number;
}

const DIGITS_SHOWN = 12;

export const SUCCESS: ProgressLine = { status: "success" };

/** The line that tells it, in the words clients look for. */
export function formatProgress({ digest, file, phase, receivedBytes, totalBytes }: LibraryProgress): ProgressLine {
  switch (phase) {
    case "resolving":
      return { status: "pulling manifest" };
    case "downloading":
      return {
        status: `pulling ${digest === null ? file : bareDigest(digest).slice(0, DIGITS_SHOWN)}`,
        digest: digest ?? file,
        ...(totalBytes === null ? {} : { total: totalBytes }),
        completed: receivedBytes,
      };
    case "verifying":
      return { status: "verifying sha256 digest" };
    case "done":
      return { status: "writing manifest" };
    default:
      return phase satisfies never;
  }
}

export function progressText(line: ProgressLine): string {
  return `${JSON.stringify(line)}\n`;
}
