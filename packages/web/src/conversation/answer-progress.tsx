import { BandPulse } from "../band/band-pulse.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import type { LiveAnswer } from "./live-answers.ts";
import styles from "./message.module.css";

/** Below an answer that is being written: the band of its last seconds, and what is going on. */
export function AnswerProgress({ live, waits }: { live: LiveAnswer | undefined; waits: boolean }) {
  const text = useText().chat;
  const figures = useFigures();
  const promptTokens = live?.live.promptTokens ?? null;
  const doing = waits ? (promptTokens === null ? text.waiting : text.reading(figures.whole(promptTokens))) : text.answering;
  return (
    <>
      {live?.live.wasContinued && <p className={styles.note}>{text.continued}</p>}
      <div className={styles.pulse}>
        <BandPulse beats={live?.pulse.beats ?? []} label={text.answering} />
        <span className={styles.note}>{doing}</span>
      </div>
    </>
  );
}
