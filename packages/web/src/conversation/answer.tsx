import { memo, useSyncExternalStore } from "react";
import { useText } from "../language/language.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import { AnswerFoot } from "./answer-foot.tsx";
import { AnswerProgress } from "./answer-progress.tsx";
import type { BranchMessage } from "./branch.ts";
import { wholeWords } from "./live-text.ts";
import styles from "./message.module.css";
import { Reasoning } from "./reasoning.tsx";
import { ToolCalls } from "./tool-calls.tsx";
import type { Branch } from "./use-branch.ts";

interface AnswerProps {
  message: BranchMessage;
  branch: Branch;
  readOnly: boolean;
}

/** One answer, from its first word to its last: what is drawn stays when it ends, and the foot takes the progress's place. */
export const Answer = memo(function Answer({ message, branch, readOnly }: AnswerProps) {
  const text = useText().chat;
  const running = message.state === "running";
  const live = useSyncExternalStore(branch.live.subscribe, () => branch.live.read(running ? message.generationId : null));
  const said = live?.live ?? message;
  return (
    <article className={styles.answer} aria-label={running ? text.answering : text.answer} aria-busy={running}>
      <Reasoning text={said.reasoning} growing={running && said.text === ""} />
      <ToolCalls calls={said.toolCalls} />
      <Markdown text={running ? wholeWords(said.text) : said.text} growing={running} />
      {running ? (
        <AnswerProgress live={live} waits={said.text === "" && said.reasoning === ""} />
      ) : (
        <AnswerFoot message={message} branch={branch} readOnly={readOnly} />
      )}
    </article>
  );
});
