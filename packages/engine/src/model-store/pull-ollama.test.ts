import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyAdapter, tinyModel } from "../gguf/testing/tiny-models.ts";
import { bearerChallenge } from "./ollama-registry.ts";
import { FileServer } from "./testing/file-server.ts";
import { hasRegistry, type OciRegistry, REGISTRY_BINARY, startRegistry } from "./testing/oci-registry.ts";
import { type TestStore, testStore } from "./testing/temporary-home.ts";

const model = tinyModel({ weightBytes: 300_000 });
const adapter = tinyAdapter();
const digest = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const layers = [
  { kind: "model", bytes: model },
  { kind: "template", bytes: Buffer.from("{{ if .System }}{{ .System }}{{ end }}{{ .Prompt }}") },
  { kind: "system", bytes: Buffer.from("You are brief.") },
  { kind: "params", bytes: Buffer.from('{"stop":["<|im_end|>"],"temperature":0.6,"num_gpu":3}') },
  { kind: "license", bytes: Buffer.from("Apache License\nVersion 2.0") },
  { kind: "adapter", bytes: adapter },
];

describe.skipIf(!hasRegistry)(`a registry (skipped when ${REGISTRY_BINARY} is absent)`, () => {
  let registry: OciRegistry;
  let at: TestStore;
  beforeEach(async () => {
    registry = await startRegistry();
    at = await testStore({ hubs: { ollama: registry.url } });
  });
  afterEach(async () => {
    await at.remove();
    await registry.close();
  });

  test("a model comes with its settings, and parts are verified by their digests", async () => {
    await registry.push("library/tiny", "1b", layers);
    const stored = await at.store.pull("ollama:tiny:1b");
    expect(stored).toMatchObject({
      name: "tiny:1b",
      source: "ollama:tiny:1b",
      digest: digest(model),
      system: "You are brief.",
      template: null,
      parameters: { stop: ["<|im_end|>"], temperature: 0.6 },
      license: "Apache License\nVersion 2.0",
      notes: [expect.stringContaining("Go template"), expect.stringContaining("num_gpu")],
    });
    expect((await readFile(stored.path)).equals(model)).toBe(true);
    expect((await readFile(stored.adapters.adapter!)).equals(adapter)).toBe(true);
    expect(await at.store.describe("tiny:1b")).toMatchObject({ adapters: ["adapter"], license: "apache-2.0" });
  });

  test("a bare name and a namespace; latest is not spelled out", async () => {
    await registry.push("library/tiny", "latest", layers);
    await registry.push("someone/tiny", "q8", [
      { kind: "model", bytes: model },
      { kind: "template", bytes: Buffer.from("{% for m in messages %}{% endfor %}") },
    ]);
    expect((await at.store.pull("tiny")).name).toBe("tiny");
    const stored = await at.store.pull("ollama:someone/tiny:q8");
    expect(stored.name).toBe("someone/tiny:q8");
    expect(stored.template).toBe("{% for m in messages %}{% endfor %}");
    expect(await at.files("blobs")).toHaveLength(2);
  });

  test("what is not there is not found", async () => {
    await expect(at.store.pull("ollama:nothing:here")).rejects.toMatchObject({ code: "model_not_found" });
    expect(await at.store.list()).toEqual([]);
  });

  test("a model without GGUF layer is refused", async () => {
    await registry.push("library/tensors", "latest", [{ kind: "tensor", bytes: Buffer.from("x") }]);
    await expect(at.store.pull("ollama:tensors")).rejects.toMatchObject({ code: "unsupported" });
  });

  test("a challenge is answered with a token from the realm, which is told nothing", async () => {
    const realm = await FileServer.start();
    const guarded = await startRegistry({ realm: `${realm.url}/token` });
    try {
      realm.files.set("/token", { bytes: Buffer.from('{"token":"granted"}') });
      await guarded.push("library/tiny", "latest", layers);
      await at.remove();
      at = await testStore({ hubs: { ollama: guarded.url } });
      expect((await at.store.pull("ollama:tiny")).digest).toBe(digest(model));
      expect(realm.requests.length).toBe(1);
      expect(realm.requests[0]!.headers.authorization).toBeUndefined();
    } finally {
      await guarded.close();
      await realm.close();
    }
  });
});

test("a challenge is read by its fields", () => {
  expect(bearerChallenge('Bearer realm="https://a/token",service="r",scope="repository:x:pull,push"')).toEqual({
    realm: "https://a/token",
    service: "r",
    scope: "repository:x:pull,push",
  });
  expect(bearerChallenge('Basic realm="x"')).toBeNull();
});
