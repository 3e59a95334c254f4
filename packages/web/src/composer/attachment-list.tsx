import { explain } from "../account/account-form.tsx";
import { IconButton } from "../controls/button.tsx";
import { Problem } from "../controls/notice.tsx";
import { Icon } from "../icons/icon.tsx";
import { useText } from "../language/language.tsx";
import styles from "./composer.module.css";
import type { Attachments } from "./use-attachments.ts";

export function AttachmentList({ files }: { files: Attachments }) {
  const text = useText();
  if (files.attachments.length === 0 && files.problem === null && !files.busy) return null;
  return (
    <div className={styles.files} aria-live="polite">
      {files.attachments.map((file) => (
        <span key={file.id} className={styles.file}>
          <Icon name="attach" />
          {file.name}
          <IconButton icon="close" name={text.chat.removeAttachment(file.name)} onClick={() => files.remove(file.id)} />
        </span>
      ))}
      {files.busy && <span>{text.common.loading}</span>}
      {files.problem !== null && <Problem>{explain(files.problem, text.common)}</Problem>}
    </div>
  );
}
