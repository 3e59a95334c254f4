import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { Empty, Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./search.module.css";

/** How long one pauses before what was typed is looked for. */
const PAUSE_MS = 200;

export function SearchPage() {
  const text = useText();
  const figures = useFigures();
  const navigate = useNavigate();
  const { q } = useSearch({ from: "/in/search" });
  const [typed, setTyped] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => void navigate({ to: "/search", search: { q: typed }, replace: true }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, navigate]);
  const wanted = q.trim();
  const found = useInfiniteQuery({
    queryKey: ["search", wanted],
    queryFn: ({ pageParam, signal }) => ask("search", { query: { q: wanted, limit: 30, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled: wanted !== "",
    placeholderData: (before) => before,
  });
  const hits = found.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <PlainPage title={text.chat.search}>
      <input
        type="search"
        className={styles.field}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        aria-label={text.chat.search}
        placeholder={text.chat.searchHint}
        // biome-ignore lint/a11y/noAutofocus: the page is one field
        autoFocus
      />
      {found.error && <Problem>{explain(found.error, text.common)}</Problem>}
      {wanted === "" && <p className={styles.teach}>{text.composer.searchTeach}</p>}
      {wanted !== "" && found.data && hits.length === 0 && (
        <Empty title={text.composer.nothingFound}>{text.composer.nothingFoundHint}</Empty>
      )}
      <ol className={styles.hits}>
        {wanted !== "" &&
          hits.map((hit) => (
            <li key={`${hit.conversationId} ${hit.messageId}`}>
              <Link to="/c/$id" params={{ id: hit.conversationId }} className={styles.hit}>
                <span className={styles.title}>{hit.title || text.chat.untitled}</span>
                <span className={styles.when}>{figures.ago(hit.at, Date.now())}</span>
                <span className={styles.excerpt}>
                  {hit.excerpt.map((piece, at) =>
                    // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place
                    piece.hit ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text}</span>,
                  )}
                </span>
              </Link>
            </li>
          ))}
      </ol>
      {found.hasNextPage && wanted !== "" && <Button onClick={() => void found.fetchNextPage()}>{text.common.more}</Button>}
    </PlainPage>
  );
}
