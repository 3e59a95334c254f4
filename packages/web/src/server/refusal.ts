import type { ErrorBody } from "@arriero/spec";

/** What the server refused, in its own words; `code` of docs/errors.md. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: ErrorBody["code"] | "offline";
  readonly hint: string;
  readonly param: string | undefined;

  constructor(status: number, body: { code: Refusal["code"]; message: string; hint: string; param?: string }) {
    super(body.message);
    this.name = "Refusal";
    this.status = status;
    this.code = body.code;
    this.hint = body.hint;
    this.param = body.param;
  }
}

/** The refusal in a response that is not 2xx; what has another shape did not come from us. */
export async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const { error } = (await response.json()) as { error: ErrorBody };
    return new Refusal(response.status, error);
  } catch {
    return new Refusal(response.status, { code: "internal", message: `The server answered ${response.status}.`, hint: "" });
  }
}
