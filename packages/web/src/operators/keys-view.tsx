import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "../account/account-form.tsx";
import type { Tone } from "../band/tone.ts";
import { Button } from "../controls/button.tsx";
import { ConfirmFor } from "../controls/confirm-for.tsx";
import { Empty, Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import { type AnswerOf, ask } from "../server/ask.ts";
import { isAdmin, useSession } from "../session/session.ts";
import { NewKeyDialog } from "./new-key-dialog.tsx";
import styles from "./operate.module.css";
import { StateWord } from "./state-word.tsx";
import { figure, WideTable } from "./wide-table.tsx";

type Key = AnswerOf<"listKeys">["entries"][number];
const KEYS = ["keys"] as const;
const TONES: Record<Key["state"], Tone> = { active: "molle", expired: "ash", revoked: "cochineal" };

export function KeysView() {
  const text = useText();
  const figures = useFigures();
  const session = useSession();
  const client = useQueryClient();
  const [all, setAll] = useState(false);
  const [making, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<Key | null>(null);
  const keys = useInfiniteQuery({
    queryKey: [...KEYS, all],
    queryFn: ({ pageParam, signal }) => ask("listKeys", { query: { all, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const again = () => client.invalidateQueries({ queryKey: KEYS });
  const entries = keys.data?.pages.flatMap((page) => page.entries) ?? [];
  const add = (
    <Button kind="action" icon="plus" onClick={() => setMaking(true)}>
      {text.operate.newKey}
    </Button>
  );
  return (
    <PlainPage title={text.operate.keys} wide aside={entries.length > 0 && add}>
      {isAdmin(session) && (
        <label className={styles.check}>
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
          {text.operate.everyonesKeys}
        </label>
      )}
      {keys.error && <Problem>{explain(keys.error, text.common)}</Problem>}
      {keys.data && entries.length === 0 && (
        <Empty title={text.operate.noKeys} action={add}>
          {text.operate.noKeysTeach}
        </Empty>
      )}
      {entries.length > 0 && (
        <WideTable
          name={text.operate.keys}
          columns={[
            text.operate.keyName,
            text.operate.state,
            text.operate.prefix,
            text.operate.models,
            figure(text.operate.requestsPerMinute),
            figure(text.operate.tokensPerDay),
            text.operate.created,
            text.operate.expires,
            ...(all ? [text.operate.owner] : []),
          ]}
          withActions
        >
          {entries.map((key) => (
            <tr key={key.id}>
              <td className={styles.main}>{key.name}</td>
              <td>
                <StateWord tone={TONES[key.state]}>{text.operate[key.state]}</StateWord>
              </td>
              <td>
                <code>{key.prefix}…</code>
              </td>
              <td>{key.models?.join(", ") ?? text.operate.any}</td>
              <td className={styles.figure}>
                {key.requestsPerMinute === null ? text.operate.noLimit : figures.whole(key.requestsPerMinute)}
              </td>
              <td className={styles.figure}>
                {key.tokensPerDay === null ? text.operate.noLimit : figures.whole(key.tokensPerDay)}
              </td>
              <td>{figures.date(key.createdAt)}</td>
              <td>{key.expiresAt === null ? text.operate.never : figures.date(key.expiresAt)}</td>
              {all && <td>{key.owner?.name ?? text.operate.nobody}</td>}
              <td className={styles.act}>
                {key.state === "active" && (
                  <Button kind="quiet" onClick={() => setLeaving(key)}>
                    {text.operate.revoke}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </WideTable>
      )}
      {keys.hasNextPage && <Button onClick={() => void keys.fetchNextPage()}>{text.common.more}</Button>}
      {making && <NewKeyDialog onMade={() => void again()} onClose={() => setMaking(false)} />}
      <ConfirmFor
        subject={leaving}
        title={(key) => text.operate.revokeAsk(key.name)}
        action={text.operate.revoke}
        means={text.operate.revokeMeans}
        onClose={() => setLeaving(null)}
        onConfirm={async (key) => {
          await ask("revokeKey", { path: { id: key.id } });
          await again();
        }}
      />
    </PlainPage>
  );
}
