import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { CopyLine } from "../controls/copy-line.tsx";
import { Dialog } from "../controls/dialog.tsx";
import { Choice, Field } from "../controls/field.tsx";
import form from "../controls/form-dialog.module.css";
import { Problem } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import { ask } from "../server/ask.ts";
import { INVITATIONS } from "./invitations.tsx";

type Role = "admin" | "member";

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const text = useText();
  const client = useQueryClient();
  const [role, setRole] = useState<Role>("member");
  const invite = useMutation({
    mutationFn: (email: string) => ask("invite", { body: { email, role } }),
    onSuccess: () => client.invalidateQueries({ queryKey: INVITATIONS }),
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    invite.mutate(String(new FormData(event.currentTarget).get("email")));
  };
  return (
    <Dialog open onClose={onClose} title={text.operate.inviteTitle}>
      {invite.data ? (
        <div className={form.form}>
          <p role="status">{invite.data.mailed ? text.operate.mailed(invite.data.invitation.email) : text.operate.handOver}</p>
          {!invite.data.mailed && <CopyLine text={new URL(invite.data.link, location.origin).href} />}
          <div className={form.foot}>
            <Button onClick={onClose}>{text.common.close}</Button>
          </div>
        </div>
      ) : (
        <form className={form.form} onSubmit={onSubmit}>
          <Field label={text.account.email} name="email" type="email" required autoFocus autoComplete="off" />
          <Choice
            label={text.operate.role}
            value={role}
            options={[
              { value: "member", label: text.operate.roleMember },
              { value: "admin", label: text.operate.roleAdmin },
            ]}
            onChoose={(value) => setRole(value as Role)}
          />
          {invite.error && <Problem>{explain(invite.error, text.common)}</Problem>}
          <div className={form.foot}>
            <Button onClick={onClose}>{text.common.cancel}</Button>
            <Button kind="action" type="submit" disabled={invite.isPending}>
              {text.operate.invite}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
