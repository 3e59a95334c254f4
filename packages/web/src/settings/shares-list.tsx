import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../controls/button.tsx";
import { useText } from "../language/language.tsx";
import { Section } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./settings.module.css";

const SHARES = ["shares"] as const;

export function SharesList() {
  const text = useText();
  const client = useQueryClient();
  const shares = useInfiniteQuery({
    queryKey: SHARES,
    queryFn: ({ pageParam, signal }) => ask("listShares", { query: { limit: 50, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const remove = useMutation({
    mutationFn: (id: string) => ask("deleteShare", { path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: SHARES }),
  });
  const entries = shares.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Section title={text.composer.shares}>
      {shares.data && entries.length === 0 && <p className={styles.note}>{text.composer.noShares}</p>}
      <ul>
        {entries.map((share) => (
          <li key={share.id} className={styles.row}>
            <span className={styles.words}>
              <a href={share.path}>{share.title || text.chat.untitled}</a>{" "}
              <span className={styles.note}>
                {share.audience === "anyone" ? text.composer.audienceAnyone : text.composer.audienceOrganisation}
              </span>
            </span>
            <Button kind="quiet" onClick={() => remove.mutate(share.id)}>
              {text.composer.takeBack}
            </Button>
          </li>
        ))}
      </ul>
      {shares.hasNextPage && <Button onClick={() => void shares.fetchNextPage()}>{text.common.more}</Button>}
    </Section>
  );
}
