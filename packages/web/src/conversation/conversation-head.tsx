import { IconButton } from "../controls/button.tsx";
import { ConversationMenu } from "../conversations/conversation-menu.tsx";
import type { Conversation } from "../conversations/queries.ts";
import { useText } from "../language/language.tsx";
import styles from "./conversation.module.css";

export function ConversationHead({
  conversation,
  onParameters,
}: {
  conversation: Conversation | undefined;
  onParameters: () => void;
}) {
  const text = useText().chat;
  return (
    <header className={styles.head}>
      <h1 className={styles.title}>{conversation ? conversation.title || text.untitled : ""}</h1>
      {conversation && <ConversationMenu entry={conversation} trigger={<IconButton icon="down" name={text.more} />} />}
      <IconButton icon="sliders" name={text.parameters} className={styles.aside ?? ""} onClick={onParameters} />
    </header>
  );
}
