import { Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Commands } from "../commands/commands.tsx";
import { IconButton } from "../controls/button.tsx";
import { ConversationsColumn } from "../conversations/conversations-column.tsx";
import { useOtherTabs } from "../conversations/other-tabs.ts";
import { useText } from "../language/language.tsx";
import styles from "./shell.module.css";

const KEPT = "arriero.column";

/** Three calm columns at most: conversations, what you came for, and what you ask about beside it. */
export function Shell() {
  const text = useText();
  const [open, setOpen] = useState(() => localStorage.getItem(KEPT) !== "closed");
  const [over, setOver] = useState(false);
  const { pathname } = useLocation();
  useOtherTabs();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the column leaves when one has gone somewhere
  useEffect(() => setOver(false), [pathname]);
  const toggle = () => {
    setOpen(!open);
    localStorage.setItem(KEPT, open ? "closed" : "open");
  };
  return (
    <div className={styles.shell} data-open={open} data-over={over}>
      <a className={styles.skip} href="#content">
        {text.common.skip}
      </a>
      <aside className={styles.column} aria-label={text.chat.conversations}>
        <ConversationsColumn onHide={over ? () => setOver(false) : toggle} />
      </aside>
      <button type="button" className={styles.veil} aria-label={text.chat.hideConversations} onClick={() => setOver(false)} />
      <main id="content" className={styles.main} tabIndex={-1}>
        <div className={styles.show}>
          <IconButton
            icon="panel"
            className={styles.wide ?? ""}
            name={text.chat.showConversations}
            onClick={toggle}
            aria-expanded={open}
          />
          <IconButton
            icon="menu"
            className={styles.narrow ?? ""}
            name={text.chat.showConversations}
            onClick={() => setOver(true)}
            aria-expanded={over}
          />
        </div>
        <Outlet />
      </main>
      <Commands onToggleColumn={toggle} />
    </div>
  );
}
