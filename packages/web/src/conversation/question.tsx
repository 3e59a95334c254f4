import { memo, useState } from "react";
import { IconButton } from "../controls/button.tsx";
import { CopyButton } from "../controls/copy-button.tsx";
import { useText } from "../language/language.tsx";
import { AttachmentLine } from "./attachment-line.tsx";
import type { BranchMessage } from "./branch.ts";
import { BranchPicker } from "./branch-picker.tsx";
import { EditQuestion } from "./edit-question.tsx";
import styles from "./message.module.css";
import type { Branch } from "./use-branch.ts";

interface QuestionProps {
  message: BranchMessage;
  branch: Branch;
  readOnly: boolean;
}

/** What the reader said: plain text behind a cochineal rule. Never markdown, since it was not written as such. */
export const Question = memo(function Question({ message, branch, readOnly }: QuestionProps) {
  const text = useText().chat;
  const [editing, setEditing] = useState(false);
  if (editing) return <EditQuestion message={message} branch={branch} onDone={() => setEditing(false)} />;
  return (
    <article className={styles.question} aria-label={text.you}>
      <div className={styles.said}>{message.text}</div>
      {message.attachments.map((attachment) => (
        <AttachmentLine key={attachment.id} attachment={attachment} />
      ))}
      <footer className={styles.foot} data-many={message.siblings.length > 1}>
        <BranchPicker message={message} onShow={branch.show} disabled={readOnly} />
        <span className={styles.actions}>
          <CopyButton text={() => message.text} name={text.copy} />
          {!readOnly && <IconButton icon="edit" name={text.edit} onClick={() => setEditing(true)} />}
        </span>
      </footer>
    </article>
  );
});
