import { useSyncExternalStore } from "react";
import { BandPulse } from "../band/band-pulse.tsx";
import { IconButton } from "../controls/button.tsx";
import { CopyButton } from "../controls/copy-button.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import type { BranchMessage } from "./branch.ts";
import { BranchPicker } from "./branch-picker.tsx";
import { EndNote } from "./end-note.tsx";
import type { LiveAnswer } from "./live-answers.ts";
import { wholeWords } from "./live-text.ts";
import styles from "./message.module.css";
import { Reasoning } from "./reasoning.tsx";
import { ToolCalls } from "./tool-calls.tsx";
import { UsageLine } from "./usage-line.tsx";
import type { Branch } from "./use-branch.ts";

interface AnswerProps {
  message: BranchMessage;
  branch: Branch;
  readOnly: boolean;
}

export function Answer({ message, branch, readOnly }: AnswerProps) {
  const running = message.state === "running";
  const live = useSyncExternalStore(branch.live.subscribe, () => branch.live.read(running ? message.generationId : null));
  return running ? (
    <GrowingAnswer message={message} live={live} />
  ) : (
    <WholeAnswer message={message} branch={branch} readOnly={readOnly} />
  );
}

function GrowingAnswer({ message, live }: { message: BranchMessage; live: LiveAnswer | undefined }) {
  const text = useText().chat;
  const figures = useFigures();
  const state = live?.live ?? message;
  const shown = wholeWords(state.text);
  const promptTokens = live?.live.promptTokens ?? null;
  const waits = state.text === "" && state.reasoning === "";
  const doing = waits ? (promptTokens === null ? text.waiting : text.reading(figures.whole(promptTokens))) : text.answering;
  return (
    <article className={styles.answer} aria-label={text.answering} aria-busy>
      <Reasoning text={state.reasoning} growing={state.text === ""} />
      <ToolCalls calls={state.toolCalls} />
      <Markdown text={shown} growing />
      {live?.live.wasContinued && <p className={styles.note}>{text.continued}</p>}
      <div className={styles.pulse}>
        <BandPulse beats={live?.pulse.beats ?? []} label={text.answering} />
        <span className={styles.note}>{doing}</span>
      </div>
    </article>
  );
}

function WholeAnswer({ message, branch, readOnly }: AnswerProps) {
  const text = useText().chat;
  return (
    <article className={styles.answer} aria-label={text.answer}>
      <Reasoning text={message.reasoning} growing={false} />
      <ToolCalls calls={message.toolCalls} />
      <Markdown text={message.text} />
      <EndNote message={message} onContinue={readOnly ? null : () => void branch.goOn(message)} />
      <footer className={styles.foot} data-many={message.siblings.length > 1}>
        <BranchPicker message={message} onShow={branch.show} disabled={readOnly} />
        <span className={styles.actions}>
          <CopyButton text={() => message.text} name={text.copy} />
          {!readOnly && <IconButton icon="retry" name={text.retry} onClick={() => void branch.retry(message)} />}
        </span>
        <UsageLine message={message} />
      </footer>
    </article>
  );
}
