import { useText } from "../language/language.tsx";
import { CopyButton } from "./copy-button.tsx";
import styles from "./copy-line.module.css";

/** A line to take along: a key, a link. */
export function CopyLine({ text }: { text: string }) {
  const words = useText();
  return (
    <div className={styles.line}>
      <code className={styles.text}>{text}</code>
      <CopyButton text={() => text} name={words.chat.copy} />
    </div>
  );
}
