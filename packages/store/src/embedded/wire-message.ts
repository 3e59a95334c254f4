/**
 * Framing of Postgres' protocol, version 3: "Message Formats" in its manual. Only what a server between a client and
 * PGlite has to understand; all else passes through as it is.
 */
const STARTUP_VERSION = 196_608;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;

/** Longest message taken: a batch of the ledger is below 1 MB. */
export const LONGEST_MESSAGE = 64 * 1024 * 1024;
/** Longest message of someone who has not given the password yet; Postgres' own bound. */
export const LONGEST_GREETING = 10_000;

export type Startup = "startup" | "encryption" | "other";

/** Length of the first message in `bytes`, or null where it has not arrived whole. Throws RangeError when above `longest`. */
export function messageLength(bytes: Buffer, typed: boolean, longest: number): number | null {
  const header = typed ? 1 : 0;
  if (bytes.length < header + 4) return null;
  const length = bytes.readInt32BE(header);
  if (length < 4 || length > longest) throw new RangeError(`a message of ${length} bytes`);
  return bytes.length < header + length ? null : header + length;
}

/** What the first message of a connection, which has no type, asks for. */
export function startupKind(message: Buffer): Startup {
  if (message.length < 8) return "other";
  const code = message.readInt32BE(4);
  if (code === STARTUP_VERSION) return "startup";
  return code === SSL_REQUEST || code === GSS_REQUEST ? "encryption" : "other";
}

export function frame(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);

export const askPassword = (): Buffer => frame("R", int32(3));

/** Authentication succeeded, the parameters that drivers look at, ready outside of a transaction. */
export function welcome(serverVersion: string): Buffer {
  const parameters = { server_version: serverVersion, client_encoding: "UTF8", DateStyle: "ISO, MDY", integer_datetimes: "on" };
  const said = Object.entries(parameters).map(([name, value]) => frame("S", cstring(name), cstring(value)));
  return Buffer.concat([frame("R", int32(0)), ...said, frame("Z", Buffer.from("I"))]);
}

/** A fatal error with its SQLSTATE. */
export function fatal(code: string, message: string): Buffer {
  return frame("E", ...["SFATAL", "VFATAL", `C${code}`, `M${message}`].map(cstring), Buffer.from([0]));
}

/** The password in a message of type `p`. */
export const passwordOf = (message: Buffer): string => message.toString("utf8", 5, message.length - 1);

/** Whether an answer ends inside a transaction: its last message is ReadyForQuery with `T` or `E`. */
export function isInTransaction(answer: Uint8Array): boolean {
  const status = answer.at(-1);
  return answer.at(-6) === 0x5a && (status === 0x54 || status === 0x45);
}
