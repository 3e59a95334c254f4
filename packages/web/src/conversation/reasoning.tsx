import { useText } from "../language/language.tsx";
import styles from "./message.module.css";

/** What the model thought before it spoke, folded: there for whoever wants it. */
export function Reasoning({ text, growing }: { text: string; growing: boolean }) {
  const words = useText().chat;
  if (text === "") return null;
  return (
    <details className={styles.folded}>
      <summary>{growing ? words.thinking : words.thought}</summary>
      <div className={styles.thought}>{text}</div>
    </details>
  );
}
