import { Link, useParams } from "@tanstack/react-router";
import { IconButton } from "../controls/button.tsx";
import { useText } from "../language/language.tsx";
import { ConversationMenu } from "./conversation-menu.tsx";
import styles from "./conversations-list.module.css";
import type { ConversationEntry } from "./queries.ts";

export function ConversationRow({ entry }: { entry: ConversationEntry }) {
  const text = useText().chat;
  const here = useParams({ strict: false }).id === entry.id;
  return (
    <div className={styles.row} data-here={here}>
      <Link to="/c/$id" params={{ id: entry.id }} className={styles.title} aria-current={here ? "page" : undefined}>
        {entry.title || text.untitled}
      </Link>
      {entry.running && (
        <span className={styles.running}>
          <span className="unseen">{text.running}</span>
        </span>
      )}
      <ConversationMenu entry={entry} trigger={<IconButton icon="more" name={text.more} className={styles.more ?? ""} />} />
    </div>
  );
}
