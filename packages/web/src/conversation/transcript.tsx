import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { IconButton } from "../controls/button.tsx";
import { useText } from "../language/language.tsx";
import { Answer } from "./answer.tsx";
import type { BranchMessage } from "./branch.ts";
import { Question } from "./question.tsx";
import styles from "./transcript.module.css";
import type { Branch } from "./use-branch.ts";

/** Nearer to the end than this, the page follows the text that grows. */
const FOLLOWS_PX = 120;
/** Nearer to the beginning than this, earlier messages are fetched. */
const EARLIER_PX = 1200;
/** What a message is thought to take until it is drawn: the fewer are drawn in vain when a conversation opens. */
const MESSAGE_PX = 200;
/** Drawn beyond what is in sight, so that scrolling meets no gap; nothing, until what is in sight stands. */
const BEYOND_PX = 600;
const STANDS_MS = 150;

/** The messages, oldest first; only those in sight exist, so five thousand are as light as five. */
export function Transcript({ branch, readOnly }: { branch: Branch; readOnly: boolean }) {
  const text = useText().chat;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const [atEnd, setAtEnd] = useState(true);
  const following = useRef(true);
  const { messages } = branch;
  const earlier = useRef(branch.earlier);
  useLayoutEffect(() => {
    earlier.current = branch.earlier;
  });
  const first = messages[0]?.id;
  const prepended = usePrepended(first, messages);

  const [beyond, setBeyond] = useState(0);
  const begun = messages.length > 0;
  useEffect(() => {
    if (!begun) return;
    const timer = setTimeout(() => setBeyond(BEYOND_PX), STANDS_MS);
    return () => clearTimeout(timer);
  }, [begun]);

  const last = messages.at(-1)?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last message is what calls the end into sight
  useLayoutEffect(() => {
    following.current = true;
    if (messages.length > 0) list.current?.scrollToIndex(messages.length - 1, { align: "end" });
  }, [last]);

  // What is below the fold grows without the list knowing: the end stays in sight as long as one reads there.
  useLayoutEffect(() => {
    const element = scroller.current;
    const inner = element?.firstElementChild;
    if (!element || !inner) return;
    const observer = new ResizeObserver(() => {
      if (following.current) element.scrollTop = element.scrollHeight;
      // What does not fill the screen cannot be scrolled, and would never ask for more.
      if (element.scrollHeight <= element.clientHeight) earlier.current();
    });
    observer.observe(inner);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    following.current = left < FOLLOWS_PX;
    setAtEnd(left < FOLLOWS_PX);
    if (element.scrollTop < EARLIER_PX) branch.earlier();
  };

  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div ref={scroller} className={styles.scroller} onScroll={onScroll} tabIndex={0} role="log" aria-label={text.conversations}>
        <div className={styles.inner}>
          <Virtualizer
            ref={list}
            scrollRef={scroller}
            shift={prepended}
            data={messages as BranchMessage[]}
            bufferSize={beyond}
            itemSize={MESSAGE_PX}
          >
            {(message) => (
              <div key={message.id} className={styles.message}>
                {message.role === "user" ? (
                  <Question message={message} branch={branch} readOnly={readOnly} />
                ) : (
                  <Answer message={message} branch={branch} readOnly={readOnly} />
                )}
              </div>
            )}
          </Virtualizer>
        </div>
      </div>
      {!atEnd && (
        <IconButton
          icon="down"
          name={text.latest}
          className={styles.latest ?? ""}
          onClick={() => list.current?.scrollToIndex(messages.length - 1, { align: "end" })}
        />
      )}
    </div>
  );
}

/** Whether this very list grew at its beginning: then the list keeps what is read in place. */
function usePrepended(first: string | undefined, messages: readonly BranchMessage[]): boolean {
  const before = useRef<string | undefined>(undefined);
  const grew = before.current !== undefined && before.current !== first && messages.some((one) => one.id === before.current);
  useLayoutEffect(() => {
    before.current = first;
  }, [first]);
  return grew;
}
