import { describe, expect, it } from "vitest";
import { parseImages } from "./parse.ts";

const read = (body: unknown) => parseImages(body, { id: "r" });

describe("a request for images", () => {
  it("goes on as it came, null counting as absent and our own metadata left out", () => {
    const body = { model: "flux", prompt: "a llama", n: null, size: "512x512", kwargs: "{}", metadata: { a: "b" } };
    const asked = { model: "flux", prompt: "a llama", size: "512x512", kwargs: "{}" };
    expect(read(body)).toEqual({ id: "r", model: "flux", n: 1, body: asked });
    expect(read({ prompt: "a llama", n: 2 })).toMatchObject({ model: "", n: 2 });
  });
  it.each([
    [{}, "prompt"],
    [{ prompt: 7 }, "prompt"],
    [{ prompt: "x", n: 0 }, "n"],
    [{ prompt: "x", n: 11 }, "n"],
    [{ prompt: "x", model: 7 }, "model"],
    [{ prompt: "x", response_format: "png" }, "response_format"],
    [{ prompt: "x", stream: true }, "stream"],
  ])("is refused as %j", (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ body: expect.objectContaining({ param }) }));
  });
});
