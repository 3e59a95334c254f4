import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { freshHome, run } from "../testing/spawned-command.ts";

/** Making the database takes seconds, on a busy machine a minute and more. */
const DEADLINE_MS = 180_000;

describe("arriero key", () => {
  const home = freshHome();
  const env = { ARRIERO_HOME: home, DATABASE_URL: "" };
  afterAll(async () => {
    // The database's process ends by itself when nobody has used it for a while; its folder may go before.
    rmSync(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
  });

  it(
    "makes a key, lists it without the key, and revokes it",
    async () => {
      const made = await run(["key", "create", "laptop", "--tokens-per-day", "1000"], env);
      expect(made.code).toBe(0);
      expect(made.stdout).toMatch(/^ak_[0-9A-Za-z]{43}\n$/);
      const key = made.stdout.trim();
      expect(made.stderr).toContain("only time");
      const listed = await run(["key", "list"], env);
      expect(listed.stdout).toMatch(/^ID +PREFIX +NAME +STATE +LIMITS +CREATED$/m);
      expect(listed.stdout).toContain(key.slice(0, 9));
      expect(listed.stdout).toContain("1 000 tokens/day");
      expect(listed.stdout).not.toContain(key);
      expect(await run(["key", "revoke", key.slice(0, 9)], env)).toMatchObject({
        code: 0,
        stdout: `revoked ${key.slice(0, 9)} (laptop)\n`,
      });
      expect(JSON.parse((await run(["key", "list", "--json"], env)).stdout)).toEqual([]);
      const all = JSON.parse((await run(["key", "list", "--all", "--json"], env)).stdout);
      expect(all).toMatchObject([{ name: "laptop", tokensPerDay: 1000, revokedAt: expect.any(Number) }]);
      const unknown = await run(["key", "revoke", "key_none"], env);
      expect([unknown.code, unknown.stderr.startsWith("error [not_found]")]).toEqual([1, true]);
    },
    DEADLINE_MS,
  );

  it("says what is wrong with a database that does not answer", async () => {
    const { code, stderr } = await run(["key", "list"], { ...env, DATABASE_URL: "postgresql://u:secret@127.0.0.1:1/d" });
    expect([code, stderr.split(" ", 2).join(" ")]).toEqual([1, "error [store_unavailable]"]);
    expect(stderr).not.toContain("secret");
  });
});
