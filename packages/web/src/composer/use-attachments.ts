import type { page } from "@arriero/spec";
import { useCallback, useState } from "react";
import { addressOf, send } from "../server/ask.ts";

/** The most files of one message; the server says the same. */
const MOST = 16;

export interface Attachments {
  readonly attachments: readonly page.Attachment[];
  readonly busy: boolean;
  readonly problem: unknown;
  readonly add: (files: FileList) => Promise<void>;
  readonly remove: (id: string) => void;
  readonly clear: () => void;
}

async function upload(file: File): Promise<page.Attachment> {
  const { url, method } = addressOf("uploadAttachment", undefined, { name: file.name });
  const response = await send(url, { method, body: file, headers: { "content-type": "application/octet-stream" } });
  return (await response.json()) as page.Attachment;
}

/** Files that go with the next message; each is with the server before the message is. */
export function useAttachments(): Attachments {
  const [attachments, setAttachments] = useState<readonly page.Attachment[]>([]);
  const [uploads, setUploads] = useState(0);
  const [problem, setProblem] = useState<unknown>(null);
  const add = useCallback(async (files: FileList) => {
    const wanted = [...files].slice(0, MOST);
    setProblem(null);
    setUploads((count) => count + 1);
    try {
      for (const file of wanted) {
        const attachment = await upload(file);
        setAttachments((list) => (list.length < MOST ? [...list, attachment] : list));
      }
    } catch (thrown) {
      setProblem(thrown);
    } finally {
      setUploads((count) => count - 1);
    }
  }, []);
  return {
    attachments,
    busy: uploads > 0,
    problem,
    add,
    remove: (id) => setAttachments((list) => list.filter((one) => one.id !== id)),
    clear: () => setAttachments([]),
  };
}
