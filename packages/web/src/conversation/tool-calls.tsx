import { useText } from "../language/language.tsx";
import styles from "./message.module.css";

interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export function ToolCalls({ calls }: { calls: readonly Call[] }) {
  const text = useText().chat;
  return calls.map((call) => (
    <details key={call.id} className={styles.folded}>
      <summary>{text.toolCall(call.name)}</summary>
      <pre className={styles.arguments}>{call.arguments}</pre>
    </details>
  ));
}
