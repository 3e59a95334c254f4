import { streamTokens, timeToFirstToken } from "../client/token-stream.ts";
import { promptText } from "../model/prompt-text.ts";
import { takeTurns } from "../servers/pair.ts";
import type { Endpoint } from "../servers/server.ts";
import { idleShares, type Measurement, measurement, type Scenario, samplesOf } from "./scenario.ts";

const TURNS = 30;
const QUESTION_TOKENS = 40;
const ANSWER_TOKENS = { full: 24, quick: 4 };

/** Milliseconds to the first token of every turn: the same amount of new text each time, on an ever longer history. */
async function converse(endpoint: Endpoint, answerTokens: number, round: number): Promise<number[]> {
  const messages: { role: "user" | "assistant"; content: string }[] = [];
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    messages.push({ role: "user", content: promptText(QUESTION_TOKENS, 5_000_000 + round * 1000 + turn) });
    const answer = await streamTokens(endpoint, { kind: "chat", messages }, { maxTokens: answerTokens });
    messages.push({ role: "assistant", content: answer.text });
    times.push(timeToFirstToken(answer));
  }
  return times;
}

/** Turns 10 and 30 against turn 1 of the same conversation: what the history costs. The peer's own times stand beside. */
export const conversation: Scenario = {
  metrics: ["ttft.turn-1", "ttft.turn-10", "ttft.turn-30"],
  async run(context) {
    const session = await takeTurns(context.recipes("unified"), context.rounds, ({ endpoint }, round) =>
      converse(endpoint, ANSWER_TOKENS[context.size], round),
    );
    const atTurn = (turn: number): Measurement => measurement(`ttft.turn-${turn}`, "ms", session, (times) => times[turn - 1]!);
    const baseline = samplesOf(session, "ours", (times) => times[0]!);
    return {
      measurements: [atTurn(1), { ...atTurn(10), baseline }, { ...atTurn(30), baseline }],
      idleShares: idleShares(session),
    };
  },
};
