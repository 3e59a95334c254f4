import { Fields, refusal, unsupported } from "../fields.ts";
import type { XinferenceModelType } from "./model-type.ts";

const MAX_NAME = 256;
/** Without a plus or a slash, which mean something in our names. */
const UID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** Model types of Xinference that have no counterpart here. */
const OTHER_TYPES = ["image", "audio", "video", "flexible"] as const;

/** Fields that would change what is served, and that a stored model answers itself. */
const REFUSED = {
  peft_model_config: "Adapters are part of the name here: MODEL+ADAPTER.",
  model_path: "Only models of the store are launched; `arriero create` or `arriero pull` puts one there.",
} as const;

export interface Launch {
  /** The name the caller will use; null: the model's own. */
  readonly uid: string | null;
  /** The model as the caller wrote it. */
  readonly name: string;
  readonly type: XinferenceModelType;
}

/**
 * POST /v1/models. Engine, format, size, quantization, replica count and devices are ignored: the stored file and the
 * server's configuration have settled them.
 */
export function parseLaunch(body: unknown): Launch {
  const fields = Fields.body(body);
  for (const [key, hint] of Object.entries(REFUSED)) {
    if (fields.raw(key) !== undefined) throw unsupported(key, `${key} is not supported. ${hint}`);
  }
  const type = fields.oneOf("model_type", ["LLM", "embedding", "rerank", ...OTHER_TYPES]) ?? "LLM";
  if (isOther(type)) throw unsupported("model_type", `Models of type ${type} are not served here.`);
  return { uid: parseUid(fields), name: fields.requiredString("model_name", MAX_NAME), type };
}

function parseUid(fields: Fields): string | null {
  const uid = fields.string("model_uid", MAX_NAME);
  if (uid === undefined || uid === "") return null;
  // A name that came from our own list, as `hf.co/org/model:Q4_0` or `demo+pirate`, is no new one.
  if (uid === fields.raw("model_name")) return null;
  if (UID.test(uid)) return uid;
  throw refusal(
    "model_uid",
    "up to 128 letters, digits, dots, underscores, colons or hyphens, and begin with a letter or digit",
    uid,
  );
}

function isOther(type: string): type is (typeof OTHER_TYPES)[number] {
  return OTHER_TYPES.some((each) => each === type);
}
