import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { findServer } from "../client/find-server.ts";
import { homeFolder } from "../home/home-folder.ts";
import { forgetLogin, keepLogin, loginPath, readLogins } from "../home/login-file.ts";
import { type ScriptedServer, scriptedServer } from "../testing/scripted-server.ts";
import { deviceLogin } from "./device-login.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const BEGUN = {
  deviceCode: "d".repeat(32),
  userCode: "BCDF-GHJK",
  path: "/device?code=BCDF-GHJK",
  expiresAt: 10_000,
  interval: 2,
};

/** Answers of the server to one question after the other. */
async function login(answers: readonly object[]) {
  let clock = 0;
  const left = [...answers];
  server = await scriptedServer(({ path }, response) => {
    const answer = path === "/api/device" ? BEGUN : left.shift();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const shown: unknown[] = [];
  const done = deviceLogin({
    url: server.url,
    now: () => clock,
    wait: async (ms) => {
      clock += ms;
    },
    show: (asked) => shown.push(asked),
  });
  return { done, shown, asked: server.requests, time: () => clock };
}

it("shows link and code, and asks until it is allowed", async () => {
  const { asked, done, shown, time } = await login([
    { state: "waiting" },
    { state: "waiting" },
    { state: "allowed", key: "ak_x", email: "ana@example.org" },
  ]);
  expect(await done).toEqual({ key: "ak_x", email: "ana@example.org" });
  expect(shown).toEqual([{ link: `${server!.url}/device?code=BCDF-GHJK`, code: "BCDF-GHJK" }]);
  expect(time()).toBe(6000);
  expect(asked.slice(1).map(({ body, path }) => [path, body])).toEqual(
    Array.from({ length: 3 }, () => ["/api/device/token", { deviceCode: BEGUN.deviceCode }]),
  );
});

it("ends where it is refused, where nobody answers in time, and where the server is another one's", async () => {
  await expect((await login([{ state: "refused" }])).done).rejects.toMatchObject({ code: "forbidden" });
  await server?.close();
  const late = await login(Array.from({ length: 9 }, () => ({ state: "waiting" })));
  await expect(late.done).rejects.toMatchObject({ code: "not_found" });
  expect(late.time()).toBe(10_000);
  await server?.close();
  await expect((await login([{ ok: true }])).done).rejects.toMatchObject({ code: "unsupported" });
});

it("keeps one key a server, for its owner alone, and sends it to that server alone", async () => {
  const home = homeFolder(mkdtempSync(join(tmpdir(), "arriero-login-")), {});
  await keepLogin(home, { url: "https://a.example", key: "old", email: "ana@example.org" });
  await keepLogin(home, { url: "https://b.example", key: "other", email: "ana@example.org" });
  await keepLogin(home, { url: "https://a.example", key: "new", email: "ana@example.org" });
  if (process.platform !== "win32") expect(statSync(loginPath(home)).mode & 0o777).toBe(0o600);
  const keyFor = async (url: string) => (await findServer({ url, env: {}, home }))?.key;
  expect(await keyFor("https://a.example/")).toBe("new");
  expect(await keyFor("https://b.example")).toBe("other");
  for (const stranger of ["https://c.example", "http://a.example", "https://a.example:444"])
    expect(await keyFor(stranger)).toBeNull();
  expect((await findServer({ url: "https://a.example", env: { ARRIERO_API_KEY: "mine" }, home }))?.key).toBe("mine");
  await forgetLogin(home, "https://a.example");
  expect((await readLogins(home)).map(({ url }) => url)).toEqual(["https://b.example"]);
  writeFileSync(loginPath(home), "{");
  expect(await readLogins(home)).toEqual([]);
});
