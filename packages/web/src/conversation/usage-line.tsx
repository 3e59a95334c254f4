import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import type { BranchMessage } from "./branch.ts";
import styles from "./message.module.css";

/** What an answer took: who wrote it, how much, how fast, at what cost. Only what is known. */
export function UsageLine({ message }: { message: BranchMessage }) {
  const text = useText().chat;
  const figures = useFigures();
  const { usage } = message;
  const parts: string[] = [];
  if (message.model) parts.push(message.adapter ? `${message.model} + ${message.adapter}` : message.model);
  if (usage) {
    parts.push(text.tokens(figures.whole(usage.completionTokens)));
    if (usage.decodeMs && usage.completionTokens > 1) {
      parts.push(text.tokensPerSecond(figures.tenth(((usage.completionTokens - 1) * 1000) / usage.decodeMs)));
    }
    if (usage.costMicros > 0) parts.push(figures.money(usage.costMicros));
  }
  if (parts.length === 0) return null;
  const more: string[] = [];
  if (usage?.ttftMs) more.push(text.firstToken(figures.seconds(usage.ttftMs)));
  if (usage && usage.promptTokens > 0) more.push(text.reused(figures.percent(usage.cachedTokens / usage.promptTokens)));
  return (
    <span className={styles.usage} title={more.join(", ")}>
      {parts.join(" · ")}
    </span>
  );
}
