import { Button } from "../controls/button.tsx";
import { Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import type { BranchMessage } from "./branch.ts";
import styles from "./message.module.css";

/** Why an answer ends where it does, if there is something to say, and the way on. */
export function EndNote({ message, onContinue }: { message: BranchMessage; onContinue: (() => void) | null }) {
  const text = useText().chat;
  const figures = useFigures();
  const goOn = onContinue && (
    <Button kind="plain" onClick={onContinue}>
      {text.continue}
    </Button>
  );
  const dropped = message.dropped && <p className={styles.note}>{text.dropped(figures.whole(message.dropped.messages))}</p>;
  switch (message.state) {
    case "failed":
      return (
        <Problem action={goOn}>
          {message.error?.message} {message.error?.hint}
        </Problem>
      );
    case "interrupted":
      return <Problem action={goOn}>{text.interrupted}</Problem>;
    case "stopped":
      return (
        <div className={styles.end}>
          <p className={styles.note}>{text.stopped}</p>
          {goOn}
        </div>
      );
    case "complete":
      if (message.finishReason !== "length") return dropped;
      return (
        <div className={styles.end}>
          <p className={styles.note}>{text.tooLong}</p>
          {goOn}
        </div>
      );
    case "running":
      return dropped;
    default:
      message.state satisfies never;
      return null;
  }
}
