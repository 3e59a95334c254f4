import type { FinishReason, GenerationEvent, TokenLogprob } from "@arriero/spec";
import type { OutputPiece } from "../chat/output-parser.ts";
import { Utf8Stream } from "../text/utf8-stream.ts";
import type { OutputReader } from "./output-reader.ts";

/**
 * Turns one choice's tokens into events: bytes -> characters -> reasoning, tool calls, text, stop sequences. What it
 * releases is a pure function of the tokens fed, so a continuation replays the old tokens and drops what they release.
 */
export class ChoiceOutput {
  readonly #choice: number;
  readonly #piece: (token: number) => Uint8Array;
  readonly #reader: OutputReader;
  readonly #utf8 = new Utf8Stream();
  #calledTools = false;
  /** Output tokens fed. */
  readonly ids: number[] = [];
  reasoningTokens = 0;
  /** Every character so far, as the model wrote it. */
  raw = "";

  constructor(choice: number, piece: (token: number) => Uint8Array, reader: OutputReader) {
    this.#choice = choice;
    this.#piece = piece;
    this.#reader = reader;
  }

  /** A stop sequence ended the choice: further tokens are not part of it. */
  get stopped(): boolean {
    return this.#reader.stopped !== null;
  }

  /** Feeds a token; yields at least one event, so that the caller learns of the token even where no text is due. */
  feed(token: number, logprobs?: TokenLogprob): GenerationEvent[] {
    this.ids.push(token);
    const text = this.#utf8.feed(this.#piece(token));
    this.raw += text;
    const pieces = text === "" ? [] : this.#reader.feed(text);
    if (pieces.some((piece) => piece.type === "reasoning")) this.reasoningTokens++;
    return this.#events(pieces, [token], logprobs);
  }

  /** The choice ends: what was held back is released, then `finish`. */
  finish(reason: FinishReason): GenerationEvent[] {
    const rest = this.stopped ? "" : this.#utf8.flush();
    this.raw += rest;
    const pieces = this.stopped ? [] : [...(rest === "" ? [] : this.#reader.feed(rest)), ...this.#reader.finish()];
    const events = pieces.length === 0 ? [] : this.#events(pieces, []);
    const stopSequence = this.#reader.stopped;
    const shown: FinishReason = reason === "stop" && this.#calledTools ? "tool-calls" : reason;
    events.push({ type: "finish", choice: this.#choice, tokens: [], reason: shown, stopSequence });
    return events;
  }

  #events(pieces: readonly OutputPiece[], tokens: readonly number[], logprobs?: TokenLogprob): GenerationEvent[] {
    const choice = this.#choice;
    const extra = logprobs === undefined ? {} : { logprobs: [logprobs] };
    if (pieces.length === 0) return [{ type: "text", choice, tokens, text: "", ...extra }];
    return pieces.map((piece, i): GenerationEvent => {
      const last = i === pieces.length - 1;
      const own = last ? tokens : [];
      if (piece.type !== "tool-call") return { type: piece.type, choice, tokens: own, text: piece.text, ...(last ? extra : {}) };
      this.#calledTools = true;
      const { index, id, name } = piece;
      return {
        type: "tool-call",
        choice,
        tokens: own,
        index,
        arguments: piece.arguments,
        ...(id === undefined ? {} : { id }),
        ...(name === undefined ? {} : { name }),
      };
    });
  }
}
