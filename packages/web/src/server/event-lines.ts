/** One event of a `text/event-stream` body. */
export interface StreamedEvent {
  event: string;
  data: string;
}

/** Events of a response whose request EventSource cannot make, such as a POST. Ends with the body. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const frames = (rest + value).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const event = /^event: ?(.*)$/m.exec(frame)?.[1] ?? "message";
        const data = [...frame.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1]).join("\n");
        if (data !== "") yield { event, data };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
