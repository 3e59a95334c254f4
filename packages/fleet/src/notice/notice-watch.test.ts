import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { eventually } from "../testing/eventually.ts";
import { noticeSource } from "./notice-source.ts";
import { NoticeWatch } from "./notice-watch.ts";

const closes: (() => void)[] = [];
afterEach(() => {
  for (const close of closes.splice(0)) close();
});

it("hears of a file that comes, and of its going away again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "arriero-notice-"));
  closes.push(() => rmSync(folder, { recursive: true, force: true }));
  const watch = new NoticeWatch(noticeSource(`file:${join(folder, "notice")}`), systemClock, 5);
  const release = watch.hold();
  closes.push(release);
  await watch.fresh();
  const { signal } = watch;
  expect(watch.isPending).toBe(false);
  writeFileSync(join(folder, "notice"), "now");
  await eventually("the notice", () => signal.aborted);
  rmSync(join(folder, "notice"));
  await eventually("its end", () => !watch.isPending);
});

it("asks a metadata service as the clouds want to be asked, only while there is work, and believes no failure", async () => {
  let asked = 0;
  let answer = { status: 404, body: "" };
  const headers: unknown[] = [];
  const server = createServer((request, response) => {
    asked++;
    headers.push([request.headers["metadata-flavor"], request.headers["metadata"]]);
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closes.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const { port } = server.address() as AddressInfo;
  const watch = new NoticeWatch(noticeSource(`http://127.0.0.1:${port}/latest/meta-data/spot/instance-action`), systemClock, 5);
  expect(asked).toBe(0);
  const release = watch.hold();
  await eventually("two questions", () => asked > 1);
  expect(watch.isPending).toBe(false);
  answer = { status: 200, body: '{"action":"terminate","time":"2026-01-01T00:02:00Z"}' };
  await eventually("the notice", () => watch.isPending);
  answer = { status: 500, body: "" };
  const before = asked;
  await eventually("more questions", () => asked > before + 1);
  expect(watch.isPending).toBe(true);
  release();
  await watch.fresh();
  const last = asked;
  await new Promise((resolve) => server.close(resolve));
  expect(asked).toBe(last);
  expect(headers[0]).toEqual(["Google", "true"]);
});
