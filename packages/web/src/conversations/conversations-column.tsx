import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { BandMark } from "../band/band.tsx";
import { Button, IconButton } from "../controls/button.tsx";
import { Icon } from "../icons/icon.tsx";
import { useText } from "../language/language.tsx";
import { PersonMenu } from "../layout/person-menu.tsx";
import styles from "./conversations-column.module.css";
import { ConversationsList } from "./conversations-list.tsx";
import { FolderPicker } from "./folder-picker.tsx";
import type { Shelf } from "./queries.ts";

export function ConversationsColumn({ onHide }: { onHide: () => void }) {
  const text = useText().chat;
  const navigate = useNavigate();
  const [shelf, setShelf] = useState<Shelf>({});
  return (
    <div className={styles.column}>
      <header className={styles.head}>
        <Link to="/" className={styles.name}>
          Arriero
          <BandMark />
        </Link>
        <IconButton icon="panel" name={text.hideConversations} onClick={onHide} />
      </header>
      <nav className={styles.ways}>
        <Link to="/" className={styles.way}>
          <Icon name="plus" />
          {text.newConversation}
        </Link>
        <Link to="/search" search={{ q: "" }} className={styles.way}>
          <Icon name="search" />
          {text.search}
        </Link>
      </nav>
      <FolderPicker shelf={shelf} onChoose={setShelf} />
      <ConversationsList shelf={shelf} />
      <footer className={styles.foot}>
        <PersonMenu />
        <Button kind="quiet" icon="book" onClick={() => void navigate({ to: "/prompts" })} className={styles.library ?? ""}>
          {text.prompts}
        </Button>
      </footer>
    </div>
  );
}
