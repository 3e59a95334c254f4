import type { Auth } from "./auth.ts";
import type { Cookies, From } from "./person.ts";

/** What somebody chooses who makes an account with a password. */
export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** A password, as better-auth keeps its own. */
const credential = (personId: string, hash: string) => ({
  userId: personId,
  providerId: "credential",
  issuer: "local:credential",
  accountId: personId,
  password: hash,
});

const isCredential = ({ providerId }: { readonly providerId: string }): boolean => providerId === "credential";

/** Makes an account that is a member of nothing yet. Its address is not proven. */
export async function createPerson(auth: Auth, { email, name, password }: NewPerson): Promise<string> {
  const context = await auth.$context;
  const hash = await context.password.hash(password);
  const user = await context.internalAdapter.createUser({ email, name, emailVerified: false }, { method: "email-password" });
  await context.internalAdapter.linkAccount(credential(user.id, hash));
  return user.id;
}

/** Cookies of a new session; null: the address or the password is wrong. */
export async function enterByPassword(auth: Auth, email: string, password: string, from: From): Promise<Cookies | null> {
  try {
    const headers = new Headers({ "user-agent": from.userAgent, "x-forwarded-for": from.address });
    const signed = await auth.api.signInEmail({ body: { email, password, rememberMe: true }, headers, returnHeaders: true });
    return signed.headers.getSetCookie();
  } catch (thrown) {
    if (thrown instanceof Error && "statusCode" in thrown && Number(thrown.statusCode) < 500) return null;
    throw thrown;
  }
}

/** Whether it is this person's. False also where they have none. */
export async function isPasswordOf(auth: Auth, personId: string, given: string): Promise<boolean> {
  const { internalAdapter, password } = await auth.$context;
  const hash = (await internalAdapter.findAccounts(personId)).find(isCredential)?.password ?? null;
  return hash !== null && (await password.verify({ hash, password: given }));
}

/** Also for somebody who had none until now. */
export async function setPassword(auth: Auth, personId: string, wanted: string): Promise<void> {
  const { internalAdapter, password } = await auth.$context;
  const hash = await password.hash(wanted);
  if ((await internalAdapter.findAccounts(personId)).some(isCredential)) await internalAdapter.updatePassword(personId, hash);
  else await internalAdapter.linkAccount(credential(personId, hash));
}
