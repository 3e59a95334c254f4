import { useMutation, useQueryClient } from "@tanstack/react-query";
import { explain } from "../account/account-form.tsx";
import { Problem } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import { Section } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import { SESSION, useSession } from "../session/session.ts";
import styles from "./operate.module.css";

/** Whether admins may read members' conversations: an owner's to decide, and every member's to see. */
export function AdminsReadChats() {
  const text = useText();
  const { standing } = useSession();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (adminsReadChats: boolean) => ask("changeOrganisation", { body: { adminsReadChats } }),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSION }),
  });
  return (
    <Section title={standing.organisation.name}>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={standing.organisation.adminsReadChats}
          disabled={standing.role !== "owner" || change.isPending}
          onChange={(event) => change.mutate(event.target.checked)}
        />
        <span>
          {text.operate.adminsRead}
          <span className={styles.sub}>{text.operate.adminsReadMeans}</span>
        </span>
      </label>
      {change.error && <Problem>{explain(change.error, text.common)}</Problem>}
    </Section>
  );
}
