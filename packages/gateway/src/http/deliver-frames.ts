import { brokenOff, type FrameWriter } from "@arriero/dialects";
import { ArrieroError } from "@arriero/spec";
import type { EventSink } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Answers with the frames of what `run` gives to its sink; what came together is written together. As `writeFrames`: what
 * fails before the first frame is thrown, what fails later is the last frame.
 */
export async function deliverFrames(
  exchange: Exchange,
  headers: Readonly<Record<string, string>>,
  writer: FrameWriter,
  run: (sink: EventSink) => Promise<void>,
): Promise<void> {
  let begun = false;
  const sink: EventSink = (events) => {
    let frames = "";
    for (const event of events) {
      if (event.type === "error" && !begun && frames === "") throw ArrieroError.from(event.error);
      frames += writer.write(event);
    }
    if (frames === "") return undefined;
    begun = true;
    return exchange.sendFrame(frames, headers);
  };
  try {
    await run(sink);
    if (!writer.done) throw brokenOff();
  } catch (thrown) {
    const error = ArrieroError.wrap(thrown);
    // Who has left is told nothing.
    if (!begun || exchange.isClosed) throw error;
    await exchange.sendFrame(writer.fail(error), headers);
  }
  exchange.endFrames();
}
