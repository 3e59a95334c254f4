/** Where load goes and what each request is. */
export interface LoadTarget {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
}

const QUESTION =
  "A caravan of twelve llamas carries salt from the lake to the valley. Each of them takes thirty kilos, rests every two hours, and " +
  "may not be parted from the others. Say in two sentences how the driver should plan the way, and what he has to look after first.";

/** The bytes of one chat request. */
export function requestBytes({ headers, model, port }: LoadTarget, fields: Readonly<Record<string, unknown>>): Buffer {
  const messages = [
    { role: "system", content: "You are a careful planner of caravans." },
    { role: "user", content: QUESTION },
  ];
  const body = JSON.stringify({ model, messages, temperature: 0, ...fields });
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}
