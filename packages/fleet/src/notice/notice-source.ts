import { readFile } from "node:fs/promises";
import { type MachineNotice, readNotice } from "./read-notice.ts";

/** A metadata service is next door: one that takes longer says nothing this time. */
const ANSWER_MS = 2_000;
const MOST_CHARS = 65_536;
/** What each cloud's service wants to see; the others ignore it. */
const HEADERS = { "metadata-flavor": "Google", metadata: "true" };

/** Whether the end of a machine was announced. Rejects where nobody could be asked. */
export type NoticeSource = () => Promise<MachineNotice | null>;

/** @param reference `file:PATH`, which may come and go, or a metadata service's `http://...` */
export function noticeSource(reference: string): NoticeSource {
  const path = /^file:(.+)$/s.exec(reference)?.[1];
  return path === undefined ? () => askEndpoint(reference) : () => lookAt(path);
}

async function askEndpoint(url: string): Promise<MachineNotice | null> {
  const response = await fetch(url, { headers: HEADERS, signal: AbortSignal.timeout(ANSWER_MS), redirect: "error" });
  const text = (await response.text()).slice(0, MOST_CHARS);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return readNotice(text);
}

async function lookAt(path: string): Promise<MachineNotice | null> {
  try {
    return readNotice((await readFile(path, "utf8")).slice(0, MOST_CHARS));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw thrown;
  }
}
