import { Field } from "../controls/field.tsx";
import { useText } from "../language/language.tsx";
import { ask } from "../server/ask.ts";
import { AccountForm } from "./account-form.tsx";
import { Door } from "./door.tsx";
import { NewPasswordField } from "./new-password-field.tsx";

export function FirstVisit({ wantsToken, onIn }: { wantsToken: boolean; onIn: () => Promise<unknown> }) {
  const text = useText().account;
  return (
    <Door title={text.firstVisitTitle} line={text.firstVisitLine}>
      <AccountForm
        action={text.createAccount}
        onSend={async ({ name = "", email = "", password = "", token }) => {
          await ask("firstVisit", { body: { name, email, password, token: token?.trim() || null } });
          await onIn();
        }}
      >
        {wantsToken && <Field label={text.token} name="token" hint={text.tokenHint} autoComplete="off" required />}
        <Field label={text.name} name="name" autoComplete="name" required maxLength={200} />
        <Field label={text.email} name="email" type="email" autoComplete="username" required />
        <NewPasswordField label={text.password} />
      </AccountForm>
    </Door>
  );
}
