import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { IconButton } from "../controls/button.tsx";
import type { Asking } from "../conversation/use-branch.ts";
import type { Conversation } from "../conversations/queries.ts";
import { Icon } from "../icons/icon.tsx";
import { useText } from "../language/language.tsx";
import { useSession } from "../session/session.ts";
import { AttachmentList } from "./attachment-list.tsx";
import styles from "./composer.module.css";
import { keepDraft, readDraft } from "./draft.ts";
import { ModelWords } from "./model-words.tsx";
import { useAttachments } from "./use-attachments.ts";

interface ComposerProps {
  /** null: a conversation that has not begun. */
  conversation: Conversation | null;
  draftKey: string;
  running: boolean;
  onStop: () => void;
  /** False: it was refused, and what was written stays. */
  onSend: (message: Asking) => Promise<boolean>;
  onParameters?: () => void;
  autoFocus?: boolean;
}

/** Where one writes: it grows with the text, and says in words which model answers. */
export function Composer({ conversation, draftKey, running, onStop, onSend, onParameters, autoFocus = true }: ComposerProps) {
  const text = useText().chat;
  const { settings } = useSession();
  const [written] = useState(() => readDraft(draftKey));
  const [empty, setEmpty] = useState(written.trim() === "");
  const [sending, setSending] = useState(false);
  const files = useAttachments();
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // A phone's keyboard comes when it is asked for, not by itself.
    if (autoFocus && matchMedia("(pointer: fine)").matches) area.current?.focus();
  }, [autoFocus]);

  const ready = !empty && !sending && !running && !files.busy;
  // What is written is the field's own: a key draws the field, and nothing else of the page.
  const onDraft = (draft: string) => {
    keepDraft(draftKey, draft);
    setEmpty(draft.trim() === "");
  };
  const write = (draft: string) => {
    if (area.current) area.current.value = draft;
    onDraft(draft);
  };
  const send = async () => {
    if (!ready || !area.current) return;
    const text = area.current.value;
    setSending(true);
    write("");
    const sent = await onSend({ text, attachments: files.attachments.map((one) => one.id) });
    setSending(false);
    if (sent) files.clear();
    else if (area.current?.value === "") write(text);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Escape" && running) onStop();
    if (event.key !== "Enter" || event.nativeEvent.isComposing || event.shiftKey) return;
    const sends = event.ctrlKey || event.metaKey || (settings.enterSends && matchMedia("(pointer: fine)").matches);
    if (!sends) return;
    event.preventDefault();
    void send();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length > 0) void files.add(event.clipboardData.files);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    void files.add(event.dataTransfer.files);
  };
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
    >
      <AttachmentList files={files} />
      <textarea
        ref={area}
        className={styles.area}
        rows={1}
        defaultValue={written}
        placeholder={text.placeholder}
        aria-label={text.placeholder}
        onChange={(event) => onDraft(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <div className={styles.under}>
        <label className={styles.attach} title={text.attach}>
          <Icon name="attach" />
          <span className="unseen">{text.attach}</span>
          <input
            type="file"
            multiple
            className="unseen"
            onChange={(event) => {
              if (event.target.files) void files.add(event.target.files);
              event.target.value = "";
            }}
          />
        </label>
        <ModelWords conversation={conversation} />
        {onParameters && (
          <IconButton icon="sliders" name={text.parameters} className={styles.parameters ?? ""} onClick={onParameters} />
        )}
        {running ? (
          <button type="button" className={styles.stop} onClick={onStop} aria-label={text.stop} title={text.stop}>
            <Icon name="stop" />
          </button>
        ) : (
          <button type="submit" className={styles.send} disabled={!ready} aria-label={text.send} title={text.send}>
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}
