import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../controls/button.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { Section } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./settings.module.css";

const SESSIONS = ["sessions"] as const;

/** Browser and system in a user agent, roughly: enough to know one's own again. */
function browserIn(userAgent: string | null): string {
  if (!userAgent) return "-";
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(userAgent)?.[1] ?? userAgent.slice(0, 40);
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(userAgent)?.[1];
  return system ? `${browser}, ${system}` : browser;
}

export function SignedInList() {
  const text = useText().account;
  const figures = useFigures();
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: SESSIONS, queryFn: ({ signal }) => ask("listSessions", { signal }) });
  const end = useMutation({
    mutationFn: (id: string) => ask("endSession", { path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSIONS }),
  });
  return (
    <Section title={text.sessions}>
      <ul>
        {sessions.data?.entries.map((session) => (
          <li key={session.id} className={styles.row}>
            <span className={styles.words}>
              {browserIn(session.userAgent)}{" "}
              <span className={styles.note}>
                {session.current ? text.thisSession : `${text.lastSeen} ${figures.ago(session.lastSeenAt, Date.now())}`}
              </span>
            </span>
            {!session.current && (
              <Button kind="quiet" onClick={() => end.mutate(session.id)}>
                {text.endSession}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
