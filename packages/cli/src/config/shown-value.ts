import { CredentialReference } from "@arriero/spec";

/** Characters of a value shown in a message. */
const MOST_SHOWN = 200;
const HIDDEN = "(not shown)";

/** Fields that people put secrets into, whatever they are meant for. */
const SECRET = /^(?:credential|key|keys|token|secret|password|api_?key)$/i;

function hide(key: string, value: unknown): unknown {
  if (SECRET.test(key)) return CredentialReference.safeParse(value).success ? value : HIDDEN;
  return typeof value === "string" ? value.replace(/^(\w+:\/\/)[^/]*@/, `$1${HIDDEN}@`) : value;
}

/** A wrong value as an error message may show it: short, and without what might be a secret. */
export function shownValue(path: readonly PropertyKey[], value: unknown): string {
  // An entry of `keys`, say, is as secret as the list itself.
  const shown = path.some((step) => SECRET.test(String(step))) ? hide("key", value) : value;
  const text = JSON.stringify({ value: shown }, hide).slice('{"value":'.length, -1) || "undefined";
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}
