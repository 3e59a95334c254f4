import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import { Button } from "../controls/button.tsx";
import { Problem } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import { Refusal } from "../server/refusal.ts";
import styles from "./door.module.css";

interface AccountFormProps {
  action: string;
  onSend: (fields: Record<string, string>) => Promise<unknown>;
  children: ReactNode;
  /** Beside the button. */
  aside?: ReactNode;
}

/** A short form with one action; it says what was refused, and keeps what was written. */
export function AccountForm({ action, onSend, children, aside }: AccountFormProps) {
  const text = useText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = Object.fromEntries([...new FormData(event.currentTarget)].map(([key, value]) => [key, String(value)]));
    setBusy(true);
    setProblem(null);
    try {
      await onSend(fields);
    } catch (thrown) {
      setProblem(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void send(event)}>
      {children}
      {problem !== null && <Problem>{explain(problem, text.common)}</Problem>}
      <div className={styles.foot}>
        <Button kind="action" type="submit" disabled={busy}>
          {action}
        </Button>
        {aside}
      </div>
    </form>
  );
}

/** What was refused, in the server's words where it has any. */
export function explain(thrown: unknown, words: { offline: string; unexpected: string }): string {
  if (!(thrown instanceof Refusal)) return words.unexpected;
  if (thrown.code === "offline") return words.offline;
  return thrown.hint ? `${thrown.message} ${thrown.hint}` : thrown.message;
}
