import { Choice } from "../controls/field.tsx";
import { useText } from "../language/language.tsx";
import { PlainPage, Section } from "../layout/plain-page.tsx";
import { useSession } from "../session/session.ts";
import { useChangeSettings } from "../session/settings.ts";
import { PasswordForm } from "./password-form.tsx";
import styles from "./settings.module.css";
import { SharesList } from "./shares-list.tsx";
import { SignedInList } from "./signed-in-list.tsx";
import { YourData } from "./your-data.tsx";

type Theme = "system" | "light" | "dark";
type Language = "auto" | "en" | "es";

export function SettingsPage() {
  const text = useText();
  const { settings, standing } = useSession();
  const change = useChangeSettings();
  return (
    <PlainPage title={text.account.settings}>
      <Section title={text.account.appearance}>
        <div className={styles.choices}>
          <Choice
            label={text.account.theme}
            value={settings.theme}
            options={[
              { value: "system", label: text.account.system },
              { value: "light", label: text.account.light },
              { value: "dark", label: text.account.dark },
            ]}
            onChoose={(theme) => change.mutate({ theme: theme as Theme })}
          />
          <Choice
            label={text.account.language}
            value={settings.language}
            options={[
              { value: "auto", label: text.account.automatic },
              { value: "en", label: "English" },
              { value: "es", label: "Español" },
            ]}
            onChoose={(language) => change.mutate({ language: language as Language })}
          />
          <Choice
            label={text.chat.send}
            value={String(settings.enterSends)}
            options={[
              { value: "true", label: text.account.enterSends },
              { value: "false", label: text.account.enterSendsOff },
            ]}
            onChoose={(value) => change.mutate({ enterSends: value === "true" })}
          />
        </div>
      </Section>
      <Section title={text.account.organisation}>
        <p>{standing.organisation.name}</p>
        <p className={styles.note}>{standing.organisation.adminsReadChats ? text.account.privacyOn : text.account.privacyOff}</p>
      </Section>
      <YourData />
      <SharesList />
      <SignedInList />
      <PasswordForm />
    </PlainPage>
  );
}
