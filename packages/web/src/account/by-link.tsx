import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../controls/button.tsx";
import { Field } from "../controls/field.tsx";
import { Problem } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import { ask } from "../server/ask.ts";
import { AccountForm, explain } from "./account-form.tsx";
import styles from "./door.module.css";
import { Door } from "./door.tsx";
import { NewPasswordField } from "./new-password-field.tsx";

/** The token stands behind `#`, which browsers send to no server. */
const tokenInAddress = () => location.hash.slice(1);

export function ResetPassword({ onDone }: { onDone: () => void }) {
  const text = useText().account;
  const [token] = useState(tokenInAddress);
  const [done, setDone] = useState(false);
  if (done) {
    return (
      <Door title={text.resetTitle} line={text.passwordSet}>
        <div className={styles.form}>
          <Button kind="action" onClick={onDone}>
            {text.signIn}
          </Button>
        </div>
      </Door>
    );
  }
  return (
    <Door title={text.resetTitle}>
      <AccountForm
        action={text.setPassword}
        onSend={async ({ password = "" }) => {
          await ask("reset", { body: { token, password } });
          setDone(true);
        }}
      >
        <NewPasswordField label={text.newPassword} />
      </AccountForm>
    </Door>
  );
}

export function AcceptInvitation({ onIn }: { onIn: () => Promise<unknown> }) {
  const words = useText();
  const text = words.account;
  const [token] = useState(tokenInAddress);
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => ask("readInvitation", { body: { token } }),
    retry: false,
  });
  if (invitation.isError) {
    return (
      <Door title={text.signInTitle}>
        <Problem>{explain(invitation.error, words.common)}</Problem>
      </Door>
    );
  }
  if (!invitation.data) return null;
  const { email, organisation, hasAccount } = invitation.data;
  return (
    <Door title={text.invitedTitle(organisation)} line={text.invitedLine(email)}>
      <AccountForm
        action={text.join}
        onSend={async ({ name, password = "" }) => {
          await ask("acceptInvitation", { body: { token, name: name ?? email, password } });
          await onIn();
        }}
      >
        {!hasAccount && <Field label={text.name} name="name" autoComplete="name" required maxLength={200} />}
        {hasAccount ? (
          <Field
            label={text.password}
            name="password"
            type="password"
            autoComplete="current-password"
            hint={text.invitedHasAccount}
            required
          />
        ) : (
          <NewPasswordField label={text.password} />
        )}
      </AccountForm>
    </Door>
  );
}
