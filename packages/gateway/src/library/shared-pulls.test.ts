import { ArrieroError } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import type { LibraryModel, LibraryProgress, LibraryWork } from "./model-library.ts";
import { SharedPulls } from "./shared-pulls.ts";

const at = (receivedBytes: number): LibraryProgress => ({ phase: "downloading", file: "a.gguf", receivedBytes, totalBytes: 9 });

/** A pull as the test holds it. */
interface Begun {
  readonly reference: string;
  readonly work: LibraryWork;
  finish(): void;
  fail(error: unknown): void;
}

function world() {
  const begun: Begun[] = [];
  const pulls = new SharedPulls(
    (reference, work) =>
      new Promise<LibraryModel>((resolve, reject) => {
        begun.push({ reference, work, finish: () => resolve({} as LibraryModel), fail: reject });
      }),
  );
  const watch = (reference = "hf.co/a/b", signal = new AbortController().signal) => new Watcher(pulls, reference, signal);
  return { begun, watch };
}

/** Who watches a pull to its end. */
class Watcher {
  readonly seen: number[] = [];
  readonly ended: Promise<unknown>;

  constructor(pulls: SharedPulls, reference: string, signal: AbortSignal) {
    this.ended = this.#read(pulls, reference, signal).then(
      () => null,
      (error: unknown) => error,
    );
  }

  async #read(pulls: SharedPulls, reference: string, signal: AbortSignal): Promise<void> {
    for await (const { receivedBytes } of pulls.watch(reference, signal)) this.seen.push(receivedBytes);
  }

  sees(bytes: number): Promise<true> {
    return eventually(`${bytes} bytes`, async () => (this.seen.at(-1) === bytes ? true : null));
  }
}

describe("pulls that several callers watch", () => {
  it("is one pull for one name, however the name is written", async () => {
    const { begun, watch } = world();
    const watchers = [watch("hf.co/a/b"), watch(" HF.co/a/b:latest ")];
    begun[0]!.work.onProgress(at(3));
    await Promise.all(watchers.map((each) => each.sees(3)));
    begun[0]!.finish();
    expect(await Promise.all(watchers.map(({ ended }) => ended))).toEqual([null, null]);
    expect(begun.map(({ reference }) => reference)).toEqual(["hf.co/a/b"]);
  });

  it("tells one who comes late where it stands", async () => {
    const { begun, watch } = world();
    const first = watch();
    begun[0]!.work.onProgress(at(5));
    await first.sees(5);
    await watch().sees(5);
    expect(begun).toHaveLength(1);
  });

  it("goes on when one of its watchers leaves, and ends with the last", async () => {
    const { begun, watch } = world();
    const leaving = [new AbortController(), new AbortController()] as const;
    const watchers = leaving.map(({ signal }) => watch("hf.co/a/b", signal));
    leaving[0].abort(new Error("gone"));
    expect(await watchers[0]!.ended).toEqual(new Error("gone"));
    expect(begun[0]!.work.signal.aborted).toBe(false);
    begun[0]!.work.onProgress(at(7));
    await watchers[1]!.sees(7);
    leaving[1].abort(new Error("gone, too"));
    await watchers[1]!.ended;
    expect(begun[0]!.work.signal.reason).toMatchObject({ code: "cancelled" });
  });

  it("begins anew for who asks after everybody left, and what the old one still says is nobody's", async () => {
    const { begun, watch } = world();
    const leaving = new AbortController();
    const first = watch("hf.co/a/b", leaving.signal);
    leaving.abort(new Error("gone"));
    await first.ended;
    const second = watch();
    expect(begun).toHaveLength(2);
    begun[0]!.work.onProgress(at(8));
    begun[0]!.fail(new Error("aborted"));
    begun[1]!.work.onProgress(at(1));
    await second.sees(1);
    // The first one's end has not taken the second one's place in the list.
    const third = watch();
    await third.sees(1);
    expect(begun).toHaveLength(2);
    begun[1]!.finish();
    expect([await second.ended, await third.ended]).toEqual([null, null]);
    expect(second.seen).toEqual([1]);
  });

  it("fails for all who watch with one coded error, and is tried again by the next", async () => {
    const { begun, watch } = world();
    const watchers = [watch(), watch()];
    begun[0]!.fail(new ArrieroError("checksum_mismatch", "It is another file."));
    for (const { ended } of watchers) expect(await ended).toMatchObject({ code: "checksum_mismatch" });
    watch();
    expect(begun).toHaveLength(2);
  });

  it("refuses a fifth model, and takes it when one of the four is here", async () => {
    const { begun, watch } = world();
    const four = ["a", "b", "c", "d"].map((name) => watch(name));
    expect(await watch("e").ended).toMatchObject({ code: "queue_full" });
    expect(begun).toHaveLength(4);
    begun[0]!.finish();
    await four[0]!.ended;
    watch("e");
    expect(begun.map(({ reference }) => reference)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("begins nothing for who has left already", async () => {
    const { begun, watch } = world();
    expect(await watch("a", AbortSignal.abort(new Error("gone"))).ended).toEqual(new Error("gone"));
    expect(begun).toEqual([]);
  });
});
