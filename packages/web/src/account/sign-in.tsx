import type { page } from "@arriero/spec";
import { useState } from "react";
import { Button } from "../controls/button.tsx";
import { Field } from "../controls/field.tsx";
import { useText } from "../language/language.tsx";
import { ask } from "../server/ask.ts";
import type { Session } from "../session/session.ts";
import { AccountForm } from "./account-form.tsx";
import styles from "./door.module.css";
import { Door } from "./door.tsx";

type SignedOut = Extract<Session, { state: "signed-out" }>;

interface SignInProps {
  session: SignedOut;
  /** Whoever sits here was signed in a moment ago. */
  ended: boolean;
  onIn: () => Promise<unknown>;
}

export function SignIn({ session, ended, onIn }: SignInProps) {
  const text = useText().account;
  const [forgot, setForgot] = useState(false);
  const refusal = refusalOf(location.search);
  if (forgot) return <ForgotPassword how={session.passwordReset} onBack={() => setForgot(false)} />;
  return (
    <Door title={text.signInTitle} line={refusal ? text.refused[refusal] : ended && text.sessionEnded}>
      <AccountForm
        action={text.signIn}
        onSend={async ({ email = "", password = "" }) => {
          await ask("signIn", { body: { email, password } });
          await onIn();
        }}
        aside={
          <Button kind="quiet" onClick={() => setForgot(true)}>
            {text.forgot}
          </Button>
        }
      >
        <Field label={text.email} name="email" type="email" autoComplete="username" required autoFocus />
        <Field label={text.password} name="password" type="password" autoComplete="current-password" required />
      </AccountForm>
      {session.providers.length > 0 && (
        <div className={styles.providers}>
          {session.providers.map((provider) => (
            <Button key={provider.id} onClick={() => void goTo(provider.id)}>
              {text.signInWith(provider.name)}
            </Button>
          ))}
        </div>
      )}
    </Door>
  );
}

/** Why a provider's sign-in let nobody in, as the server said it in the page's address. */
function refusalOf(search: string): page.SignInRefusal | null {
  const word = new URLSearchParams(search).get("refused");
  const known: readonly page.SignInRefusal[] = ["denied", "unverified", "taken", "not-invited", "failed"];
  return known.find((each) => each === word) ?? null;
}

async function goTo(id: string): Promise<void> {
  const { url } = await ask("startProvider", { path: { id }, body: { to: location.pathname + location.search } });
  location.assign(url);
}

function ForgotPassword({ how, onBack }: { how: SignedOut["passwordReset"]; onBack: () => void }) {
  const words = useText();
  const text = words.account;
  const [sent, setSent] = useState(false);
  const back = (
    <Button kind="quiet" onClick={onBack}>
      {text.signIn}
    </Button>
  );
  if (how === "admin" || sent) {
    return (
      <Door title={text.forgot} line={sent ? text.linkSent : text.forgotAdmin}>
        <div className={styles.form}>{back}</div>
      </Door>
    );
  }
  return (
    <Door title={text.forgot} line={text.forgotMail}>
      <AccountForm
        action={text.sendLink}
        onSend={async ({ email = "" }) => {
          await ask("askReset", { body: { email } });
          setSent(true);
        }}
        aside={back}
      >
        <Field label={text.email} name="email" type="email" autoComplete="username" required autoFocus />
      </AccountForm>
    </Door>
  );
}
