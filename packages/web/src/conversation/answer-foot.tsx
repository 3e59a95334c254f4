import { IconButton } from "../controls/button.tsx";
import { CopyButton } from "../controls/copy-button.tsx";
import { useText } from "../language/language.tsx";
import type { BranchMessage } from "./branch.ts";
import { BranchPicker } from "./branch-picker.tsx";
import { EndNote } from "./end-note.tsx";
import styles from "./message.module.css";
import { UsageLine } from "./usage-line.tsx";
import type { Branch } from "./use-branch.ts";

interface AnswerFootProps {
  message: BranchMessage;
  branch: Branch;
  readOnly: boolean;
}

/** Below an answer that has ended: how it did, what one can do with it, what it took. */
export function AnswerFoot({ message, branch, readOnly }: AnswerFootProps) {
  const text = useText().chat;
  return (
    <>
      <EndNote message={message} onContinue={readOnly ? null : () => void branch.goOn(message)} />
      <footer className={styles.foot} data-many={message.siblings.length > 1}>
        <BranchPicker message={message} onShow={branch.show} disabled={readOnly} />
        <span className={styles.actions}>
          <CopyButton text={() => message.text} name={text.copy} />
          {!readOnly && <IconButton icon="retry" name={text.retry} onClick={() => void branch.retry(message)} />}
        </span>
        <UsageLine message={message} />
      </footer>
    </>
  );
}
