import { z } from "zod";

const LOCAL = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/;

/** A secret by reference: the configuration itself never holds one. */
const SecretReference = z
  .string()
  .regex(/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, "a secret is a reference: `env:NAME` or `file:PATH`")
  .transform((reference) => reference as `env:${string}` | `file:${string}`);

const HttpsUrl = z
  .url()
  .max(2048)
  .refine((url) => url.startsWith("https://") || LOCAL.test(url), "https, or http on this machine");

/** `mail:` of arriero.yaml. */
export const MailConfig = z
  .strictObject({
    url: z
      .string()
      .max(512)
      .regex(/^smtps?:\/\/[^@/\s]+\/?$/, "smtp://HOST:PORT or smtps://HOST:PORT, without user and password")
      .nullable()
      .default(null)
      .describe("The mail's server: `smtps://HOST` (TLS) or `smtp://HOST` (STARTTLS); null: no mail is sent"),
    from: z.string().min(3).max(320).nullable().default(null).describe("Sender of mails, `Arriero <arriero@example.org>`"),
    user: z.string().min(1).max(320).nullable().default(null).describe("Who signs in at the mail's server; null: nobody"),
    password: SecretReference.nullable().default(null).describe("Their password by reference: `env:NAME` or `file:PATH`"),
  })
  .superRefine(({ from, password, url, user }, context) => {
    const object = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    if (url !== null && from === null) object("from", "mails need a sender");
    if ((user === null) !== (password === null)) object("password", "user and password stand together");
  });

const Provider = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "small letters, digits and dashes"),
  name: z.string().min(1).max(80),
  issuer: HttpsUrl,
  clientId: z.string().min(1).max(512),
  clientSecret: SecretReference.nullable().default(null),
  linkByEmail: z.boolean().default(false),
  join: z.boolean().default(false),
  domains: z.array(z.string().toLowerCase().min(1).max(253)).max(64).default([]),
});

/** `signIn:` of arriero.yaml. */
export const SignInConfig = z.strictObject({
  providers: z
    .array(Provider)
    .max(16)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, "two providers have one id")
    .default([])
    .describe("OpenID Connect providers that people sign in by: see [accounts.md](accounts.md#sign-in-by-a-provider)"),
});

export const PageUrl = HttpsUrl.refine((url) => !URL.canParse(url) || new URL(url).pathname === "/", "an address without a path")
  .nullable()
  .default(null)
  .describe("Where people reach the page, for links in mails and providers: `https://HOST`; null: this server's own address");
