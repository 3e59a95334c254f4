import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyAdapter, tinyModel } from "../gguf/testing/tiny-models.ts";
import { type TestStore, testStore } from "./testing/temporary-home.ts";

let at: TestStore;
let work: string;
beforeEach(async () => {
  at = await testStore();
  work = join(at.home, "work");
  await mkdir(join(work, "adapters"), { recursive: true });
  await writeFile(join(work, "Tiny Model.gguf"), tinyModel());
  await writeFile(join(work, "other.gguf"), tinyModel({ fill: 2 }));
  await writeFile(join(work, "pirate.gguf"), tinyAdapter());
});
afterEach(() => at.remove());

const pullTiny = () => at.store.pull(join(work, "Tiny Model.gguf"));

describe("local files", () => {
  test("a path is taken in under the file's name", async () => {
    const stored = await pullTiny();
    expect(stored).toMatchObject({ name: "tiny-model", source: `file:${join(work, "Tiny Model.gguf")}` });
    await rm(join(work, "Tiny Model.gguf"));
    expect((await readFile(stored.path)).equals(tinyModel())).toBe(true);
    expect(await at.files("partial")).toEqual([]);
  });

  test("what is missing, a folder, or no GGUF is refused and leaves nothing", async () => {
    await writeFile(join(work, "page.gguf"), "<html>");
    await expect(at.store.pull(join(work, "none.gguf"))).rejects.toMatchObject({ code: "model_not_found" });
    await expect(at.store.pull(work)).rejects.toMatchObject({ code: "gguf_invalid" });
    await expect(at.store.pull(join(work, "page.gguf"))).rejects.toMatchObject({ code: "gguf_invalid" });
    await expect(at.store.pull(join(work, "pirate.gguf"))).rejects.toMatchObject({
      code: "gguf_invalid",
      message: expect.stringContaining("LoRA"),
    });
    expect([...(await at.files("blobs")), ...(await at.files("manifests")), ...(await at.files("partial"))]).toEqual([]);
    expect((await readFile(join(work, "pirate.gguf"))).equals(tinyAdapter())).toBe(true);
  });

  test("the same file twice is one blob", async () => {
    await pullTiny();
    await at.store.pull(join(work, "Tiny Model.gguf"), { name: "org/second:v1" });
    expect(await at.files("blobs")).toHaveLength(1);
    expect(await at.files("manifests")).toEqual(["org%2Fsecond%3Av1.json", "tiny-model.json"]);
    expect(await at.files("partial")).toEqual([]);
  });

  test("partial downloads that nobody came back to are removed", async () => {
    await pullTiny();
    const partial = join(at.home, "models", "partial");
    await writeFile(join(partial, "old.data"), "x");
    await writeFile(join(partial, "new.data"), "x");
    await utimes(join(partial, "old.data"), 0, 0);
    await pullTiny();
    expect(await at.files("partial")).toEqual(["new.data"]);
  });
});

describe("names", () => {
  test("resolve in any case, with or without latest", async () => {
    await pullTiny();
    for (const name of ["tiny-model", "Tiny-Model", "tiny-model:latest"])
      expect((await at.store.resolve(name)).name).toBe("tiny-model");
    for (const name of ["tiny", "tiny-model:1b", "../tiny-model", "a+b", ""]) {
      await expect(at.store.resolve(name)).rejects.toMatchObject({ code: "model_not_found" });
    }
  });

  test("a traversal is refused before anything is fetched", async () => {
    await expect(at.store.pull(join(work, "other.gguf"), { name: "../../x" })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(at.store.remove("../x")).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("copy and remove", () => {
  test("a blob stays as long as a model uses it", async () => {
    const stored = await pullTiny();
    const copy = await at.store.copy("tiny-model", "copy");
    expect(copy).toMatchObject({ name: "copy", path: stored.path, digest: stored.digest });
    await at.store.remove("tiny-model");
    expect((await stat(copy.path)).isFile()).toBe(true);
    await at.store.remove("copy:latest");
    expect(await at.files("blobs")).toEqual([]);
    await expect(at.store.remove("copy")).rejects.toMatchObject({ code: "model_not_found" });
  });

  test("a model pulled anew under its name lets go of the old file", async () => {
    await pullTiny();
    await writeFile(join(work, "Tiny Model.gguf"), tinyModel({ fill: 3 }));
    const stored = await pullTiny();
    expect(await at.files("blobs")).toEqual([stored.digest.replace(":", "-")]);
  });
});

describe("a manifest that cannot be read", () => {
  const break_ = (text: string) => writeFile(join(at.home, "models", "manifests", "broken.json"), text);

  test.each(["", "{", "[]", '{"schema":1,"name":"broken"}', '{"schema":2}'])("%j breaks itself alone", async (text) => {
    await pullTiny();
    await break_(text);
    expect((await at.store.list()).map(({ name }) => name)).toEqual(["tiny-model"]);
    expect(await at.store.problems()).toMatchObject([{ name: "broken", error: { code: "model_load_failed" } }]);
    await expect(at.store.resolve("broken")).rejects.toMatchObject({
      code: "model_load_failed",
      message: expect.stringContaining("broken.json"),
    });
    await at.store.remove("broken");
    expect(await at.store.problems()).toEqual([]);
  });

  test("keeps every blob, since it may use it", async () => {
    await pullTiny();
    await break_("{");
    await at.store.remove("tiny-model");
    expect(await at.files("blobs")).toHaveLength(1);
  });

  test("one that names a file outside the store is refused", async () => {
    await pullTiny();
    const manifest = await readFile(join(at.home, "models", "manifests", "tiny-model.json"), "utf8");
    await break_(manifest.replace('"tiny-model"', '"broken"').replace(/"sha256:[0-9a-f]{64}"/, '"../../../etc/passwd"'));
    await expect(at.store.resolve("broken")).rejects.toMatchObject({ code: "model_load_failed" });
  });
});

describe("create", () => {
  test("from a file, with adapter, settings and a Jinja template", async () => {
    const stored = await at.store.create(
      "Sailor:v1",
      'FROM ./other.gguf\nADAPTER pirate.gguf\nSYSTEM Speak like a sailor.\nPARAMETER stop "\\n"\nTEMPLATE {{ messages[0].content }}\nMESSAGE user Hi\nLICENSE MIT',
      { baseDir: work },
    );
    expect(stored).toMatchObject({
      name: "sailor:v1",
      source: `file:${join(work, "other.gguf")}`,
      system: "Speak like a sailor.",
      template: "{{ messages[0].content }}",
      parameters: { stop: ["\\n"] },
      messages: [{ role: "user", content: "Hi" }],
      license: "MIT",
      notes: [],
    });
    expect(Object.keys(stored.adapters)).toEqual(["pirate"]);
    expect((await readFile(stored.adapters.pirate!)).equals(tinyAdapter())).toBe(true);
    expect((await at.store.describe("sailor:v1")).abilities).toEqual(["chat", "completion"]);
  });

  test("from a model here, inheriting what is not said", async () => {
    await at.store.create("sailor", "FROM ./other.gguf\nADAPTER pirate.gguf\nSYSTEM Ahoy\nPARAMETER top_k 3", { baseDir: work });
    const stored = await at.store.create(
      "calm",
      "FROM sailor:latest\nPARAMETER temperature 0\nTEMPLATE {{ .Prompt }}\nPARAMETER num_gpu 1",
    );
    expect(stored).toMatchObject({ system: "Ahoy", parameters: { top_k: 3, temperature: 0 }, template: null });
    expect(Object.keys(stored.adapters)).toEqual(["pirate"]);
    expect(stored.notes).toEqual([expect.stringContaining("Go template"), expect.stringContaining("num_gpu")]);
    expect(await at.files("blobs")).toHaveLength(2);
  });

  test("what does not fit is refused and nothing is written", async () => {
    await writeFile(join(work, "gemma.gguf"), tinyAdapter({ architecture: "gemma3" }));
    const create = (text: string) => at.store.create("x", text, { baseDir: work });
    await expect(create("FROM ./other.gguf\nADAPTER gemma.gguf")).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("gemma3"),
    });
    await expect(create("FROM ./other.gguf\nADAPTER ./other.gguf")).rejects.toMatchObject({ code: "gguf_invalid" });
    await expect(create("FROM nobody")).rejects.toMatchObject({ code: "model_not_found" });
    await expect(create("SYSTEM x")).rejects.toMatchObject({ code: "invalid_request" });
    expect(await at.files("manifests")).toEqual([]);
  });
});

describe("the bundled model", () => {
  beforeEach(async () => {
    await at.remove();
    await mkdir(join(work, "adapters"), { recursive: true });
    await writeFile(join(work, "arriero-demo.gguf"), tinyModel());
    await writeFile(join(work, "adapters", "pirate.gguf"), tinyAdapter());
    await writeFile(join(work, "Tiny Model.gguf"), tinyModel());
    at = await testStore({ home: at.home, bundledDir: work });
  });

  test("is listed first and described, without anything being written", async () => {
    const [bundled] = await at.store.list();
    expect(bundled).toMatchObject({
      name: "arriero-demo",
      bundled: true,
      path: join(work, "arriero-demo.gguf"),
      adapters: { pirate: join(work, "adapters", "pirate.gguf") },
    });
    expect((await at.store.resolve("arriero-demo:latest")).digest).toBe(bundled!.digest);
    expect(await at.store.describe("Arriero-Demo")).toMatchObject({ name: "arriero-demo", adapters: ["pirate"] });
    expect(await at.files("blobs")).toEqual([]);
  });

  test("cannot be removed or replaced", async () => {
    await expect(at.store.remove("arriero-demo")).rejects.toMatchObject({ code: "conflict" });
    await expect(at.store.pull(join(work, "Tiny Model.gguf"), { name: "arriero-demo:latest" })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(at.store.create("ARRIERO-DEMO", "FROM ./x.gguf")).rejects.toMatchObject({ code: "conflict" });
  });

  test("can be copied and built on", async () => {
    const copy = await at.store.copy("arriero-demo", "mine");
    expect(copy.bundled).toBe(false);
    expect(Object.keys(copy.adapters)).toEqual(["pirate"]);
    expect(await at.files("blobs")).toHaveLength(2);
    expect((await at.store.create("brief", "FROM arriero-demo\nSYSTEM Be brief.")).system).toBe("Be brief.");
  });

  test("may be absent", async () => {
    await rm(join(work, "arriero-demo.gguf"));
    expect(await at.store.list()).toEqual([]);
    await expect(at.store.resolve("arriero-demo")).rejects.toMatchObject({ code: "model_not_found" });
  });
});
