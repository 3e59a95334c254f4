import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser, openDatabase, PASSWORD, type PageServer, startPageServer } from "../testing/page-server.ts";
import { Mailer, type MailSettings, transportOptions } from "./mailer.ts";

const SETUP_MS = 180_000;

/** A real mail server on loopback; what it took, as it came. */
async function mailServer(options: SMTPServerOptions = {}) {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    authOptional: true,
    onData(stream, _, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        // Long lines are folded on their way (RFC 2045 6.7).
        taken.push(Buffer.concat(chunks).toString().replaceAll("=\r\n", ""));
        done();
        for (const wake of waiting.splice(0)) wake();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    taken,
    port,
    /** The last of `count` mails. */
    async mail(count: number): Promise<string> {
      while (taken.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return taken[count - 1]!;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

type MailServer = Awaited<ReturnType<typeof mailServer>>;

const settings = (port: number, changes: Partial<MailSettings> = {}): MailSettings => ({
  url: `smtp://127.0.0.1:${port}`,
  from: "Arriero <arriero@example.org>",
  user: null,
  password: null,
  ...changes,
});
const MAIL = { to: "ana@example.org", subject: "Hello", text: "A llama." };

describe("a mailer", () => {
  let server: MailServer;
  afterEach(() => server.close());
  const mailer = (changes: Partial<MailSettings> = {}) =>
    new Mailer({ ...settings(server.port, changes), onFailure: () => undefined });

  it("signs in and hands the mail over", async () => {
    const seen: unknown[] = [];
    server = await mailServer({
      authOptional: false,
      onAuth({ password, username }, _, done) {
        seen.push([username, password]);
        done(null, { user: username });
      },
    });
    process.env["ARRIERO_TEST_SMTP"] = "secret";
    await mailer({ user: "arriero", password: "env:ARRIERO_TEST_SMTP" }).send(MAIL);
    expect(seen).toEqual([["arriero", "secret"]]);
    expect(server.taken[0]).toMatch(/^From: Arriero <arriero@example\.org>\r\nTo: ana@example\.org\r\nSubject: Hello\r\n/);
    await expect(mailer({ user: "arriero", password: "env:ARRIERO_TEST_NONE" }).send(MAIL)).rejects.toMatchObject({
      code: "config_invalid",
    });
  });

  it("says so where the mail is not taken, or nobody is there", async () => {
    server = await mailServer({ onRcptTo: (_, __, done) => done(new Error("no such mailbox")) });
    await expect(mailer().send(MAIL)).rejects.toMatchObject({ code: "mail_failed", message: expect.stringContaining("mailbox") });
    await expect(mailer({ url: "smtp://127.0.0.1:1" }).send(MAIL)).rejects.toMatchObject({ code: "mail_failed" });
  });

  it("tells nothing to a server that cannot show who it is", async () => {
    server = await mailServer({ secure: true });
    await expect(mailer({ url: `smtps://127.0.0.1:${server.port}` }).send(MAIL)).rejects.toMatchObject({ code: "mail_failed" });
    expect(server.taken).toEqual([]);
  });
});

it("speaks in the clear to this machine alone", () => {
  const options = (url: string) => transportOptions({ ...settings(0), url }, "");
  expect(options("smtp://mail.example.org")).toMatchObject({ port: 587, secure: false, requireTLS: true, ignoreTLS: false });
  expect(options("smtps://mail.example.org")).toMatchObject({ port: 465, secure: true });
  expect(options("smtp://[::1]:2525")).toMatchObject({ host: "::1", port: 2525, requireTLS: false });
});

describe("mails of the page", () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let mails: MailServer;
  let server: PageServer;
  let owner: Browser;
  let refusing = false;

  beforeAll(async () => {
    database = await openDatabase();
    mails = await mailServer({ onRcptTo: (_, __, done) => done(refusing ? new Error("full") : null) });
    server = await startPageServer(database, { gateway: { mail: settings(mails.port) } });
    owner = await server.firstVisit();
  }, SETUP_MS);
  afterAll(async () => {
    await server?.close();
    await mails?.close();
    await database?.close();
  }, SETUP_MS);

  const signIn = (password: string) =>
    new Browser(server.url).status("POST /api/auth/sign-in", { email: "owner@example.org", password });
  const linkIn = (mail: string, path: string): string => new RegExp(`${server.url}${path}#([\\w-]+)`).exec(mail)![1]!;

  it("set a new password once, and the answer is the same for an address that nobody has", async () => {
    const anyone = new Browser(server.url);
    expect(await anyone.get("GET /api/session")).toMatchObject({ state: "signed-out", passwordReset: "mail" });
    const answers = [];
    for (const email of ["nobody@example.org", "owner@example.org"]) {
      const { headers, status } = await anyone.ask("POST /api/auth/reset", { email });
      answers.push({ status, headers: [...headers.keys()].toSorted() });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]!.status).toBe(204);
    const mail = await mails.mail(1);
    expect(mail).toContain("To: owner@example.org");
    const token = linkIn(mail, "/reset");
    expect(await anyone.status("POST /api/auth/reset/finish", { token, password: "alpacas sleep at noon" })).toBe(204);
    expect(await owner.status("GET /api/sessions")).toBe(401);
    expect([await signIn(PASSWORD), await signIn("alpacas sleep at noon")]).toEqual([401, 204]);
    expect(await anyone.status("POST /api/auth/reset/finish", { token, password: PASSWORD })).toBe(403);
    expect(mails.taken).toHaveLength(1);
    const known = await server.store().pages.signIns.known({ providerId: "x", issuer: "x", subject: "x" }, "owner@example.org");
    expect(known.byEmail?.proven).toBe(true);
  });

  it("are few to one address, whether it has an account or not", async () => {
    for (const email of ["owner@example.org", "nobody@example.org"]) {
      const asked = () => new Browser(server.url).status("POST /api/auth/reset", { email });
      expect([await asked(), await asked(), await asked()]).toEqual([204, 204, 429]);
    }
  });

  it("carry invitations; one that does not go out is handed over", async () => {
    await owner.ask("POST /api/auth/sign-in", { email: "owner@example.org", password: "alpacas sleep at noon" });
    const before = mails.taken.length;
    const invited = await owner.get<{ mailed: boolean }>("POST /api/admin/invitations", { email: "bea@example.org" });
    expect(invited.mailed).toBe(true);
    const mail = mails.taken.slice(before).find((each) => each.includes("To: bea@example.org"))!;
    expect(await (await server.accept(`/invitation#${linkIn(mail, "/invitation")}`)).status("GET /api/sessions")).toBe(200);
    refusing = true;
    const handed = await owner.get<{ mailed: boolean; link: string }>("POST /api/admin/invitations", {
      email: "carla@example.org",
    });
    expect(handed).toMatchObject({ mailed: false, link: expect.stringMatching(/^\/invitation#/) });
  });
});
