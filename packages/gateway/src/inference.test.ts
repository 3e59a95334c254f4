import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Replica, type ReplicaLease, systemClock } from "@arriero/fleet";
import { ArrieroError, GenerationInput, type ReplicaAddress } from "@arriero/spec";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RoutedModels } from "./backends/routed-models.ts";
import { GATEWAY_LIMITS } from "./gateway-limits.ts";
import { Tally } from "./http/tally.ts";
import { Inference } from "./inference.ts";
import { NO_RESIDENCY } from "./routing/residency.ts";
import { noAffinity } from "./testing/no-affinity.ts";
import { requestOf, scriptedEvents } from "./testing/scripted-generation.ts";
import { startTestGateway, type TestGateway } from "./testing/test-gateway.ts";
import { EnginePools } from "./upstream/engine-pools.ts";
import { EngineUpstream } from "./upstream/engine-upstream.ts";
import type { ReplicaSource } from "./upstream/replica-picker.ts";

const servers: Server[] = [];
let pools: EnginePools;
let released = 0;

beforeEach(() => {
  pools = new EnginePools();
  released = 0;
});

afterEach(async () => {
  await pools.close();
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

/** A replica that is nothing but its answers. */
async function replica(answer: RequestListener): Promise<ReplicaAddress> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "t" };
}

/** Lends the addresses in order, leaving out those to be avoided. */
function source(...addresses: ReplicaAddress[]): ReplicaSource {
  const nobody: Replica = {
    id: "r-0",
    model: "m",
    state: "ready",
    address: null,
    pid: null,
    restarts: 0,
    startedAt: 0,
    outstanding: 0,
    failure: null,
    whenReady: () => Promise.reject(new Error("not asked")),
  };
  return {
    async lease(_model, { avoid }): Promise<ReplicaLease> {
      const address = addresses.find((each) => (avoid?.get(each) ?? 0) <= Date.now());
      if (address === undefined) throw new ArrieroError("replica_unavailable", "none");
      return { replica: nobody, address, release: () => void released++ };
    },
  };
}

const inference = (replicas: ReplicaSource, limits = GATEWAY_LIMITS): Inference =>
  new Inference({
    affinity: noAffinity,
    replicas,
    routed: new RoutedModels([], NO_RESIDENCY, []),
    pools,
    limits,
    clock: systemClock,
  });

const refuse =
  (status: number, code: string): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status).end(JSON.stringify({ error: { code, message: code, hint: "", retryAfter: 3 } }));
  };

const generating: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(200).end(
    scriptedEvents(requestOf())
      .map((event, position) => `${JSON.stringify([position, event])}\n`)
      .join(""),
  );
};

async function typesFrom(replicas: ReplicaSource): Promise<string[]> {
  const types: string[] = [];
  for await (const event of inference(replicas).generate(requestOf(), new AbortController().signal, new Tally()))
    types.push(event.type);
  return types;
}

describe("generate", () => {
  it.each([
    ["is draining", refuse(503, "draining")],
    ["does not know our token", refuse(401, "unauthorized")],
    ["answers nonsense", (_: unknown, response: { end(text: string): void }) => response.end("<html>\n")],
    ["answers an empty stream", (_: unknown, response: { end(): void }) => response.end()],
    [
      "answers an unknown error",
      (_: unknown, response: { writeHead(code: number): { end(): void } }) => response.writeHead(500).end(),
    ],
    ["has no room", refuse(429, "queue_full")],
  ] as [string, RequestListener][])("goes to the next replica when the first %s", async (_name, first) => {
    const types = await typesFrom(source(await replica(first), await replica(generating)));
    expect(types.at(0)).toBe("start");
    expect(types.at(-1)).toBe("usage");
    expect(released).toBe(2);
  });

  it("goes to the next replica when nobody listens", async () => {
    const gone = await replica(generating);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect((await typesFrom(source(gone, await replica(generating)))).at(-1)).toBe("usage");
  });

  it("refuses as the replicas do when none has room", async () => {
    const full = source(await replica(refuse(429, "queue_full")), await replica(refuse(429, "queue_full")));
    await expect(typesFrom(full)).rejects.toMatchObject({ code: "queue_full", body: { retryAfter: 3 } });
    expect(released).toBe(2);
  });

  it("keeps connections for the next requests", async () => {
    let connections = 0;
    const address = await replica(generating);
    servers[0]!.on("connection", () => connections++);
    for (let i = 0; i < 5; i++) await typesFrom(source(address));
    // The next request may come before the last one's connection is free again; one more serves them both.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it("ends with the caller's reason when it leaves", async () => {
    const address = await replica((request) => request.resume());
    const controller = new AbortController();
    const events = inference(source(address)).generate(requestOf(), controller.signal, new Tally());
    const first = events.next();
    controller.abort(new ArrieroError("cancelled", "the caller left"));
    await expect(first).rejects.toThrow("the caller left");
    expect(released).toBe(1);
  });
});

describe("tokenize", () => {
  const request = { model: "m", input: { kind: "text" as const, text: "a b" }, wantTexts: true };

  it("asks a replica, and another when that one breaks", async () => {
    let asked: unknown;
    const dying: RequestListener = (incoming) => incoming.socket.destroy();
    const counting: RequestListener = async (incoming, response) => {
      asked = JSON.parse(Buffer.concat(await incoming.toArray()).toString());
      response.end(JSON.stringify({ tokens: [1, 2], texts: ["a", " b"] }));
    };
    const replicas = source(await replica(dying), await replica(counting));
    const result = await inference(replicas).tokenize(request, new AbortController().signal, new Tally());
    expect(result).toEqual({ tokens: [1, 2], texts: ["a", " b"] });
    expect(asked).toEqual(request);
    expect(released).toBe(2);
  });

  describe("of the fake engine", () => {
    let gateway: TestGateway;
    beforeEach(async () => {
      gateway = await startTestGateway();
    });
    afterEach(() => gateway.close());

    it("says so when there is no such model", async () => {
      const asking = inference(gateway.fleet).tokenize(
        { ...request, model: "nobody" },
        new AbortController().signal,
        new Tally(),
      );
      await expect(asking).rejects.toMatchObject({ code: "model_not_found" });
    });

    it("counts as its generations do", async () => {
      const input = GenerationInput.parse({ kind: "chat", messages: [{ role: "user", content: "one two three" }] });
      const { signal } = new AbortController();
      const { texts, tokens } = await inference(gateway.fleet).tokenize(
        { model: "arriero-demo", input, wantTexts: true },
        signal,
        new Tally(),
      );
      expect(texts).toEqual(["one", " two", " three"]);
      const events = inference(gateway.fleet).generate(requestOf({ input }), signal, new Tally());
      expect((await events.next()).value).toMatchObject({ type: "start", promptTokens: tokens.length });
      await events.return();
    });
  });
});

describe("embed and rerank", () => {
  const request = { id: "e", model: "m", inputs: ["a"], normalize: true };

  it("asks again elsewhere when a replica breaks, up to three times", async () => {
    const vectors: RequestListener = (_, response) =>
      response.end(JSON.stringify({ model: "m", vectors: [[1]], promptTokens: 2 }));
    const dying: RequestListener = (incoming) => incoming.socket.destroy();
    const tally = new Tally();
    const replicas = source(await replica(dying), await replica(refuse(503, "draining")), await replica(vectors));
    const result = await inference(replicas).embed(request, new AbortController().signal, tally);
    expect(result.vectors).toEqual([[1]]);
    expect(tally).toMatchObject({ continuations: 2, promptTokens: 2 });

    const dead = source(await replica(dying), await replica(dying), await replica(dying), await replica(vectors));
    await expect(inference(dead).embed(request, new AbortController().signal, new Tally())).rejects.toMatchObject({
      code: "replica_failed",
    });
    expect(released).toBe(6);
  });

  it("does not wait for ever", async () => {
    const replicas = source(await replica((incoming) => incoming.resume()));
    const limits = { ...GATEWAY_LIMITS, firstEventMs: 50, continueAttempts: 1 };
    await expect(inference(replicas, limits).embed(request, new AbortController().signal, new Tally())).rejects.toMatchObject({
      code: "upstream_timeout",
    });
  });

  it("reranks", async () => {
    const address = await replica((_, response) => response.end(JSON.stringify({ model: "m", scores: [0.5], promptTokens: 1 })));
    const upstream = new EngineUpstream({ pools, clock: systemClock, limits: GATEWAY_LIMITS }, address);
    const rerank = { id: "r", model: "m", query: "q", documents: ["d"] };
    expect((await upstream.rerank(rerank, new AbortController().signal)).scores).toEqual([0.5]);
  });
});
