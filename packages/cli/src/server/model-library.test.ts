import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelStore } from "@arriero/engine";
import type { ModelLibrary } from "@arriero/gateway";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PUBLISHERS_FOR, type PublishersFor } from "../config/config-schema.ts";
import { modelLibrary } from "./model-library.ts";

let home: string;
let publisher: Server;
let store: ModelStore;
/** What the publisher was asked. */
let asked: string[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "arriero-library-"));
  asked = [];
  publisher = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => publisher.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}`;
  store = new ModelStore({ home, env: {}, hubs: { huggingface: url, ollama: url } });
});

afterEach(async () => {
  await store.close();
  publisher.closeAllConnections();
  publisher.close();
  rmSync(home, { recursive: true, force: true });
});

const work = { signal: new AbortController().signal, onProgress: () => undefined };
const NAMES = ["lama3.2", "hf.co/org/lama:Q8_0", "ollama:lama"];

type LibraryRecipe = Parameters<ModelLibrary["create"]>[1];

const recipe = (base: LibraryRecipe["base"]): LibraryRecipe => ({
  base,
  adapters: [],
  template: null,
  system: null,
  license: null,
  parameters: {},
  messages: [],
});

const create = (publishers: PublishersFor, name: string) =>
  modelLibrary(store, publishers).create("made", recipe({ kind: "model", name }), work);

describe("who may make the server ask a publisher", () => {
  it("any: a model made from one that is not here, and a pull", async () => {
    for (const name of NAMES) {
      await expect(create("any", name)).rejects.toMatchObject({ code: "model_not_found" });
      await expect(modelLibrary(store, "any").pull(name, work)).rejects.toMatchObject({ code: "model_not_found" });
    }
    expect(asked.length).toBeGreaterThanOrEqual(2 * NAMES.length);
  });

  it("pull: a pull alone", async () => {
    for (const name of NAMES) {
      const refused = {
        code: "model_not_found",
        message: expect.stringContaining(name),
        body: expect.objectContaining({ param: "from" }),
      };
      await expect(create("pull", name)).rejects.toMatchObject(refused);
      expect(asked).toEqual([]);
    }
    await expect(modelLibrary(store, "pull").pull("lama", work)).rejects.toMatchObject({ code: "model_not_found" });
    expect(asked).not.toEqual([]);
  });

  it("none: nothing", async () => {
    for (const name of NAMES) {
      await expect(create("none", name)).rejects.toMatchObject({ code: "model_not_found" });
      await expect(modelLibrary(store, "none").pull(name, work)).rejects.toMatchObject({ code: "forbidden" });
    }
    expect(asked).toEqual([]);
  });

  it("says of a file that was never sent what it says without the setting", async () => {
    const missing = recipe({ kind: "file", digest: `sha256:${"0".repeat(64)}` });
    const said = PUBLISHERS_FOR.map((publishers) =>
      modelLibrary(store, publishers)
        .create("made", missing, work)
        .catch((error: unknown) => (error as Error).message),
    );
    expect(new Set(await Promise.all(said)).size).toBe(1);
  });
});
