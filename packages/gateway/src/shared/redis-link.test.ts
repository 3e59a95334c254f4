import { systemClock } from "@arriero/fleet";
import { afterEach, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { RedisLink } from "./redis-link.ts";
import { noRedis, type RealRedis, startRedis } from "./testing/real-redis.ts";

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

function linkTo(url: string) {
  const said: boolean[] = [];
  const link = new RedisLink({ url, clock: systemClock, onChange: (isUp) => said.push(isUp) });
  opened.push(() => link.close());
  link.open();
  return { link, said };
}

async function redis(): Promise<RealRedis> {
  const started = await startRedis();
  opened.push(() => started.close());
  return started;
}

it.each(["", "localhost:6379", "http://localhost:6379"])("%j is no address of a Redis, and said without it", (url) => {
  expect(() => linkTo(url)).toThrow(expect.objectContaining({ code: "config_invalid" }));
});

it("a Redis that is not there fails commands at once, and is said once", async () => {
  const { link, said } = linkTo("redis://127.0.0.1:1");
  await expect(link.send(["PING"])).rejects.toThrow("Redis is away");
  await eventually("the word of it", () => said.length > 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(said).toEqual([false]);
});

describe.skipIf(noRedis !== null)(`on a real Redis${noRedis === null ? "" : ` (skipped: ${noRedis})`}`, () => {
  it("one that hangs holds a command a quarter of a second, the next ones not at all, and is found again", async () => {
    const server = await redis();
    const { link, said } = linkTo(server.url);
    await eventually("the link", () => link.isUp);
    expect(await link.send(["PING"])).toBe("PONG");
    server.freeze();
    const began = performance.now();
    await expect(link.send(["PING"])).rejects.toThrow("no answer within 250 ms");
    for (let command = 0; command < 100; command++) await expect(link.send(["PING"])).rejects.toThrow("Redis is away");
    expect(performance.now() - began).toBeLessThan(2_000);
    server.thaw();
    await eventually("the link", () => link.isUp);
    expect([await link.send(["PING"]), said]).toEqual(["PONG", [false, true]]);
  });

  it("one that dies and comes back is found again", async () => {
    const server = await redis();
    const { link, said } = linkTo(server.url);
    await eventually("the link", () => link.isUp);
    await server.kill();
    await eventually("its end", () => !link.isUp);
    await server.restart();
    await eventually("the link", () => link.isUp);
    expect([await link.send(["PING"]), said]).toEqual(["PONG", [false, true]]);
  });
});
