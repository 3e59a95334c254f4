import type { Socket } from "node:net";
import { openai } from "@arriero/dialects";
import { ArrieroError, type ErrorCode } from "@arriero/spec";

/** Answers what never became a request (malformed, too slow, headers too large) and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [code, message] = explain(error.code);
  const { body, status } = openai.formatError(new ArrieroError(code, message));
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${code}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}

function explain(code: string | undefined): [ErrorCode, string] {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return ["request_timeout", "The request was not complete in time."];
    case "HPE_HEADER_OVERFLOW":
      return ["invalid_request", "The request's headers are too large."];
    default:
      return ["invalid_request", "This is not a valid HTTP/1.1 request."];
  }
}
