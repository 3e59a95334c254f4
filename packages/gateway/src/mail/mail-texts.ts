import type { Mail } from "./mailer.ts";

export type MailLanguage = "en" | "es";

type Text = Pick<Mail, "subject" | "text">;

/** A link to set a new password, which lives an hour. */
export function resetText(language: MailLanguage, { link, name }: { readonly name: string; readonly link: string }): Text {
  switch (language) {
    case "en":
      return {
        subject: "Set a new password",
        text: `Hello ${name},

somebody asked for a new password for your account. By this link you set one, within an hour and once:

${link}

If that was not you, nothing needs to be done: your password stays as it is.
`,
      };
    case "es":
      return {
        subject: "Elige una contraseña nueva",
        text: `Hola, ${name}:

Alguien ha pedido una contraseña nueva para tu cuenta. Con este enlace la eliges, una sola vez y antes de una hora:

${link}

Si no has sido tú, no hace falta hacer nada: tu contraseña sigue igual.
`,
      };
    default:
      return language satisfies never;
  }
}

/** A link by which somebody joins, which lives a week. In both languages: nobody knows yet which is theirs. */
export function invitationText({
  by,
  link,
  organisation,
}: {
  readonly by: string;
  readonly organisation: string;
  readonly link: string;
}): Text {
  return {
    subject: `${organisation}: invitation / invitación`,
    text: `${by} invites you to join ${organisation} on Arriero. This link is good for a week, once:

${link}

${by} te invita a ${organisation} en Arriero. El enlace vale una semana, una sola vez.
`,
  };
}
