import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { ConfirmFor } from "../controls/confirm-for.tsx";
import { CopyLine } from "../controls/copy-line.tsx";
import { Dialog } from "../controls/dialog.tsx";
import { Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import { type AnswerOf, ask } from "../server/ask.ts";
import { useSession } from "../session/session.ts";
import { AdminsReadChats } from "./admins-read-chats.tsx";
import { Invitations } from "./invitations.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import styles from "./operate.module.css";
import { WideTable } from "./wide-table.tsx";

type Member = AnswerOf<"listMembers">["entries"][number];
const MEMBERS = ["members"] as const;

export function MembersView() {
  const text = useText();
  const figures = useFigures();
  const session = useSession();
  const client = useQueryClient();
  const [inviting, setInviting] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const members = useQuery({ queryKey: MEMBERS, queryFn: ({ signal }) => ask("listMembers", { query: { limit: 200 }, signal }) });
  const again = () => client.invalidateQueries({ queryKey: MEMBERS });
  const change = useMutation({
    mutationFn: ({ id, role }: { id: string; role: Member["role"] }) => ask("changeMember", { path: { id }, body: { role } }),
    onSettled: again,
  });
  const reset = useMutation({ mutationFn: (id: string) => ask("resetMemberPassword", { path: { id } }) });
  const problem = members.error ?? change.error ?? reset.error;
  const roles = { owner: text.operate.roleOwner, admin: text.operate.roleAdmin, member: text.operate.roleMember };
  return (
    <PlainPage
      title={text.operate.members}
      wide
      aside={
        <Button kind="action" icon="plus" onClick={() => setInviting(true)}>
          {text.operate.invite}
        </Button>
      }
    >
      {problem && <Problem>{explain(problem, text.common)}</Problem>}
      {members.data && (
        <WideTable
          name={text.operate.members}
          columns={[text.operate.person, text.operate.role, text.account.lastSeen]}
          withActions
        >
          {members.data.entries.map((member) => (
            <tr key={member.id}>
              <td>
                <span className={styles.main}>{member.name}</span>
                <span className={styles.sub}>{member.email}</span>
              </td>
              <td>
                <select
                  className={styles.select}
                  aria-label={`${text.operate.role}: ${member.name}`}
                  value={member.role}
                  disabled={member.id === session.person.id}
                  onChange={(event) => change.mutate({ id: member.id, role: event.target.value as Member["role"] })}
                >
                  {(["owner", "admin", "member"] as const).map((role) => (
                    <option key={role} value={role}>
                      {roles[role]}
                    </option>
                  ))}
                </select>
              </td>
              <td>{member.lastSeenAt === null ? text.operate.never : figures.ago(member.lastSeenAt, Date.now())}</td>
              <td className={styles.act}>
                {member.id !== session.person.id && (
                  <span className={styles.actions}>
                    <Button kind="quiet" onClick={() => reset.mutate(member.id)}>
                      {text.operate.resetLink}
                    </Button>
                    <Button kind="quiet" onClick={() => setLeaving(member)}>
                      {text.operate.removeMember}
                    </Button>
                  </span>
                )}
              </td>
            </tr>
          ))}
        </WideTable>
      )}
      <Invitations />
      <AdminsReadChats />
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      <Dialog open={reset.data !== undefined} onClose={() => reset.reset()} title={text.operate.resetLink}>
        {reset.data && <CopyLine text={new URL(reset.data.link, location.origin).href} />}
      </Dialog>
      <ConfirmFor
        subject={leaving}
        title={(member) => text.operate.removeMemberAsk(member.name)}
        action={text.operate.removeMember}
        means={text.operate.removeMemberMeans}
        onClose={() => setLeaving(null)}
        onConfirm={async (member) => {
          await ask("removeMember", { path: { id: member.id } });
          await again();
        }}
      />
    </PlainPage>
  );
}
