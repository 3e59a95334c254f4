import { ArrieroError } from "@arriero/spec";
import { Fields, refusal } from "../../fields.ts";
import { parseExpiry } from "../batches/parse.ts";

/** What a file may be uploaded for. Only batches make use of theirs. */
export const FILE_PURPOSES = ["batch", "user_data", "assistants", "fine-tune", "vision", "evals"] as const;

const LONGEST_NAME = 255;

export interface AskedUpload {
  readonly filename: string;
  readonly purpose: string;
  /** From the upload on; null: it stays until it is deleted. */
  readonly seconds: number | null;
}

/** The form fields beside the file. Throws invalid_request. @param filename null: the form has no file */
export function parseUpload(filename: string | null, form: ReadonlyMap<string, string>): AskedUpload {
  if (filename === null) throw refusal("file", "a file", undefined);
  const purpose = Fields.body(Object.fromEntries(form)).oneOf("purpose", FILE_PURPOSES);
  if (purpose === undefined) throw refusal("purpose", `one of ${FILE_PURPOSES.join(", ")}`, undefined);
  const anchor = form.get("expires_after[anchor]");
  const seconds = form.get("expires_after[seconds]");
  const expiry = anchor === undefined && seconds === undefined ? undefined : { anchor, seconds: Number(seconds) };
  if (filename.length > LONGEST_NAME) {
    throw new ArrieroError("invalid_request", `file must have a name of at most ${LONGEST_NAME} characters.`, { param: "file" });
  }
  return {
    filename,
    purpose,
    seconds: parseExpiry(expiry === undefined ? undefined : Fields.of(expiry, "expires_after")),
  };
}
