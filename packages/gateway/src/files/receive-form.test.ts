import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { receiveForm } from "./receive-form.ts";

const BOUNDARY = "x-arriero-boundary";
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;
const part = (head: string, body: string) => `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
const form = (...parts: string[]) => Buffer.from(`${parts.join("")}--${BOUNDARY}--\r\n`);
const FILE = 'name="file"; filename="requests.jsonl"';

async function* cut(bytes: Buffer, at: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const to of [...at].sort((a, b) => a - b)) {
    if (to > from && to < bytes.length) {
      yield bytes.subarray(from, to);
      from = to;
    }
  }
  yield bytes.subarray(from);
}

async function receive(bytes: Buffer, at: readonly number[] = [], type = TYPE) {
  const chunks: Uint8Array[] = [];
  const write = async (chunk: Uint8Array) => {
    await Promise.resolve();
    chunks.push(Uint8Array.from(chunk));
  };
  const { fields, filename } = await receiveForm(type, cut(bytes, at), write);
  return { fields: Object.fromEntries(fields), filename, file: Buffer.concat(chunks).toString("latin1") };
}

describe("a form with a file", () => {
  it("is the same wherever the network cuts it", async () => {
    const whole = form(
      part('name="purpose"', "batch"),
      part(FILE, `{"a":"--${BOUNDARY}x"}\r\n{"b":2}\n`),
      part('name="late"', "1"),
    );
    const expected = await receive(whole);
    expect(expected).toEqual({
      fields: { purpose: "batch", late: "1" },
      filename: "requests.jsonl",
      file: `{"a":"--${BOUNDARY}x"}\r\n{"b":2}\n`,
    });
    const cuts = fc.array(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        expect(await receive(whole, at)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it("hands the file on no faster than it is taken", async () => {
    const large = "a".repeat(300_000);
    let writing = 0;
    let most = 0;
    const write = async () => {
      most = Math.max(most, ++writing);
      await new Promise((resolve) => setImmediate(resolve));
      writing--;
    };
    const bytes = form(part(FILE, large));
    await receiveForm(TYPE, cut(bytes, [60_000, 120_000, 200_000]), write);
    expect(most).toBe(1);
  });

  it("may be called nothing, and other files beside it are passed over", async () => {
    const other = part('name="other"; filename="b"', "not this");
    expect(await receive(form(part('name="file"; filename=""', "text")))).toMatchObject({ filename: "file", file: "text" });
    expect(await receive(form(other, part('name="purpose"', "batch")))).toMatchObject({ filename: null, file: "" });
  });
});

describe("what is no such form", () => {
  it.each(["application/json", "multipart/mixed; boundary=x", "", "multipart/form-data"])(
    "is refused by its type: %j",
    async (type) => {
      await expect(receive(form(part(FILE, "x")), [], type)).rejects.toMatchObject({ code: "unsupported_media_type" });
    },
  );

  it("is refused without a boundary", async () => {
    const refused = receive(form(part(FILE, "x")), [], "multipart/form-data; charset=utf-8");
    await expect(refused).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("is refused wherever it ends too early", async () => {
    const whole = form(part('name="purpose"', "batch"), part(FILE, '{"a":1}'));
    // The last line break and the two dashes before it may be missing without a loss.
    for (let length = 0; length < whole.length - 4; length++) {
      await expect(receive(whole.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({ code: "invalid_request" });
    }
  });

  it("passes on what the writer throws", async () => {
    const full = async () => {
      throw new Error("full");
    };
    await expect(receiveForm(TYPE, cut(form(part(FILE, "x")), []), full)).rejects.toThrow("full");
  });

  it("never hangs and never throws anything without a code", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (noise, headed) => {
        const bytes = Buffer.concat([headed ? Buffer.from(part(FILE, "x").slice(0, -2)) : Buffer.alloc(0), noise]);
        const refused = await receive(bytes).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (refused !== null) expect(refused).toMatchObject({ code: "invalid_request" });
      }),
      { numRuns: 150 },
    );
  });
});
