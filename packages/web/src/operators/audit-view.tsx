import { useInfiniteQuery } from "@tanstack/react-query";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { Empty, Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./operate.module.css";
import { WideTable } from "./wide-table.tsx";

export function AuditView() {
  const text = useText();
  const figures = useFigures();
  const audit = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) => ask("listAudit", { query: { limit: 100, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const entries = audit.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <PlainPage title={text.operate.audit} wide>
      {audit.error && <Problem>{explain(audit.error, text.common)}</Problem>}
      {audit.data && entries.length === 0 && <Empty title={text.operate.noAudit}>{text.operate.noAuditTeach}</Empty>}
      {entries.length > 0 && (
        <WideTable
          name={text.operate.audit}
          columns={[text.operate.when, text.operate.who, text.operate.action, text.operate.target, text.operate.detail]}
        >
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>{figures.moment(entry.at)}</td>
              <td>{entry.actor?.name ?? text.operate.nobody}</td>
              <td>
                <code>{entry.action}</code>
              </td>
              <td>{entry.target}</td>
              <td className={styles.wrap}>
                <span className={styles.sub}>{Object.entries(entry.detail).map(detailWords).join(", ")}</span>
              </td>
            </tr>
          ))}
        </WideTable>
      )}
      {audit.hasNextPage && <Button onClick={() => void audit.fetchNextPage()}>{text.common.more}</Button>}
    </PlainPage>
  );
}

const detailWords = ([name, value]: [string, unknown]): string =>
  `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
