import { useState } from "react";
import { AccountForm } from "../account/account-form.tsx";
import { NewPasswordField } from "../account/new-password-field.tsx";
import { Field } from "../controls/field.tsx";
import { useText } from "../language/language.tsx";
import { Section } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./settings.module.css";

export function PasswordForm() {
  const text = useText().account;
  const [changed, setChanged] = useState(0);
  return (
    <Section title={text.changePassword}>
      {changed > 0 && <p role="status">{text.passwordSet}</p>}
      <div className={styles.narrow} key={changed}>
        <AccountForm
          action={text.setPassword}
          onSend={async ({ current = "", wanted = "" }) => {
            await ask("changePassword", { body: { current, wanted } });
            setChanged((count) => count + 1);
          }}
        >
          <Field label={text.currentPassword} name="current" type="password" autoComplete="current-password" required />
          <NewPasswordField label={text.newPassword} name="wanted" />
        </AccountForm>
      </div>
    </Section>
  );
}
