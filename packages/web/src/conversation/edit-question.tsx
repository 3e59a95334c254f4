import { type KeyboardEvent, useState } from "react";
import { Button } from "../controls/button.tsx";
import { useText } from "../language/language.tsx";
import type { BranchMessage } from "./branch.ts";
import styles from "./message.module.css";
import type { Branch } from "./use-branch.ts";

/** Another version of a question, beside the first: nothing that was said is lost. */
export function EditQuestion({ message, branch, onDone }: { message: BranchMessage; branch: Branch; onDone: () => void }) {
  const text = useText();
  const [draft, setDraft] = useState(message.text);
  const send = async () => {
    const attachments = message.attachments.map((one) => one.id);
    if (draft.trim() !== "" && (await branch.send({ parentId: message.parentId, text: draft, attachments }))) onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDone();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
  };
  return (
    <div className={styles.question}>
      <textarea
        className={styles.draft}
        aria-label={text.chat.edit}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        // biome-ignore lint/a11y/noAutofocus: one asked to edit
        autoFocus
      />
      <div className={styles.editing}>
        <Button kind="action" onClick={() => void send()}>
          {text.chat.saveEdit}
        </Button>
        <Button onClick={onDone}>{text.common.cancel}</Button>
      </div>
    </div>
  );
}
