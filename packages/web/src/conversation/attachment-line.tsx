import type { page } from "@arriero/spec";
import { Icon } from "../icons/icon.tsx";
import { useFigures } from "../language/figures.ts";
import { addressOf } from "../server/ask.ts";
import styles from "./message.module.css";

/** A file beside a message. Images are shown from our own server alone. */
export function AttachmentLine({ attachment }: { attachment: page.Attachment }) {
  const figures = useFigures();
  const { url } = addressOf("readAttachment", { id: attachment.id }, undefined);
  return (
    <a className={styles.attachment} href={url} target="_blank" rel="noopener noreferrer">
      {attachment.kind === "image" ? <img src={url} alt={attachment.name} loading="lazy" /> : <Icon name="attach" />}
      <span>{attachment.name}</span>
      <span className={styles.size}>{figures.bytes(attachment.sizeBytes)}</span>
    </a>
  );
}
