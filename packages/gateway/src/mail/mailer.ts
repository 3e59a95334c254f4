import { ArrieroError } from "@arriero/spec";
import { isLoopbackName } from "../http/access.ts";
import { readSecret, type SecretReference } from "../settings-secret.ts";

export interface MailSettings {
  /** `smtps://HOST:465` speaks TLS from the start, `smtp://HOST:587` turns to it by STARTTLS. */
  readonly url: string;
  /** `Arriero <arriero@example.org>` */
  readonly from: string;
  readonly user: string | null;
  readonly password: SecretReference | null;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface MailerOptions extends MailSettings {
  /** A mail that nobody waited for did not go out. */
  onFailure(error: ArrieroError): void;
}

/** Mails on their way at once; more are refused. */
const MOST_AT_ONCE = 32;
const CONNECT_MS = 10_000;
const SILENT_MS = 20_000;
const PORTS = { "smtp:": 587, "smtps:": 465 } as const;

/** Sends mails by SMTP, each over a connection of its own: they are few. */
export class Mailer {
  readonly #options: MailerOptions;
  #sending = 0;

  constructor(options: MailerOptions) {
    this.#options = options;
  }

  /** Resolves when the mail's server has taken it. Throws queue_full, config_invalid and mail_failed. */
  async send(mail: Mail): Promise<void> {
    if (this.#sending >= MOST_AT_ONCE) throw new ArrieroError("queue_full", `${MOST_AT_ONCE} mails are on their way already.`);
    this.#sending++;
    try {
      await this.#deliver(mail);
    } finally {
      this.#sending--;
    }
  }

  /** The same for what nobody waits for: whoever asked must not see by the time it takes whether there was a mail. */
  post(mail: Promise<Mail | null>): void {
    mail
      .then((written) => (written === null ? undefined : this.send(written)))
      .catch((thrown: unknown) => this.#options.onFailure(ArrieroError.wrap(thrown)));
  }

  async #deliver(mail: Mail): Promise<void> {
    const { from, password, url } = this.#options;
    const { createTransport } = await import("nodemailer");
    const secret = password === null ? "" : await readSecret("mail.password", password);
    const transport = createTransport(transportOptions(this.#options, secret));
    try {
      await transport.sendMail({ from, to: { name: "", address: mail.to }, subject: mail.subject, text: mail.text });
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new ArrieroError("mail_failed", `The mail's server ${new URL(url).hostname} did not take it: ${why.slice(0, 300)}.`, {
        cause: thrown,
      });
    } finally {
      transport.close();
    }
  }
}

/** How the mail's server is spoken to: as nodemailer takes it. */
export function transportOptions({ url, user }: MailSettings, password: string) {
  const { hostname, port, protocol } = new URL(url);
  const isPlain = protocol === "smtp:";
  // A link that sets a password goes in the clear to this machine alone.
  const isLocal = isLoopbackName(hostname);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? PORTS[protocol as keyof typeof PORTS] : Number(port),
    secure: !isPlain,
    requireTLS: isPlain && !isLocal,
    ignoreTLS: isPlain && isLocal,
    ...(user === null ? {} : { auth: { user, pass: password } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
