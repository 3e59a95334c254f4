import { IconButton } from "../controls/button.tsx";
import { useText } from "../language/language.tsx";
import type { BranchMessage } from "./branch.ts";
import styles from "./message.module.css";

interface BranchPickerProps {
  message: BranchMessage;
  onShow: (messageId: string) => Promise<void>;
  disabled: boolean;
}

/** Goes from one version of a message to the next; nothing where there is one alone. */
export function BranchPicker({ message, onShow, disabled }: BranchPickerProps) {
  const text = useText().chat;
  const { siblings } = message;
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(message.id);
  const go = (to: number) => void onShow(siblings[to]!);
  return (
    <fieldset className={styles.versions} aria-label={text.version(at + 1, siblings.length)}>
      <IconButton icon="left" name={text.previousVersion} disabled={disabled || at <= 0} onClick={() => go(at - 1)} />
      <span aria-hidden>
        {at + 1}/{siblings.length}
      </span>
      <IconButton
        icon="right"
        name={text.nextVersion}
        disabled={disabled || at >= siblings.length - 1}
        onClick={() => go(at + 1)}
      />
    </fieldset>
  );
}
