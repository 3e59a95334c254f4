import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { VList } from "virtua";
import { useText } from "../language/language.tsx";
import { rowsByAge } from "./by-age.ts";
import { ConversationRow } from "./conversation-row.tsx";
import styles from "./conversations-list.module.css";
import { type ConversationEntry, conversationsOf, type Shelf } from "./queries.ts";

type ListRow = { key: string; label: string } | { key: string; entry: ConversationEntry };

/** Pinned ones first, then by age. Only the rows in sight exist, so ten thousand are as light as ten. */
export function ConversationsList({ shelf }: { shelf: Shelf }) {
  const text = useText().chat;
  const pinned = useInfiniteQuery({ ...conversationsOf({ ...shelf, pinned: true }), enabled: !shelf.archived });
  const others = useInfiniteQuery(conversationsOf(shelf.archived ? shelf : { ...shelf, pinned: false }));
  const rows = useMemo(() => {
    const list: ListRow[] = [];
    const top = shelf.archived ? [] : (pinned.data?.pages.flatMap((page) => page.entries) ?? []);
    if (top.length > 0) list.push({ key: "pinned", label: text.pinned });
    for (const entry of top) list.push({ key: entry.id, entry });
    for (const row of rowsByAge(others.data?.pages.flatMap((page) => page.entries) ?? [], Date.now())) {
      list.push(row.kind === "age" ? { key: row.age, label: text[row.age] } : { key: row.entry.id, entry: row.entry });
    }
    return list;
  }, [pinned.data, others.data, shelf.archived, text]);
  if (others.data && rows.length === 0) return <p className={styles.none}>{text.noConversations}</p>;
  return (
    <VList
      className={styles.list}
      data={rows}
      itemSize={32}
      onScroll={(offset) => {
        // Rows are of nearly one height, so the end is near when what is left fits a few screens.
        const left = rows.length * 32 - offset;
        if (left < 2400 && others.hasNextPage && !others.isFetching) void others.fetchNextPage();
      }}
    >
      {(row) =>
        "entry" in row ? (
          <ConversationRow key={row.key} entry={row.entry} />
        ) : (
          <h2 key={row.key} className={styles.label}>
            {row.label}
          </h2>
        )
      }
    </VList>
  );
}
