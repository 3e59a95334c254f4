import { z } from "zod";

const Sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** What the store keeps about one model, as JSON beside the blobs. */
export const Manifest = z.object({
  schema: z.literal(1),
  name: z.string(),
  digest: Sha256,
  sizeBytes: z.int().min(1),
  modifiedAt: z.iso.datetime(),
  source: z.string().nullable(),
  /** Adapter name -> digest of its blob. */
  adapters: z.record(z.string().regex(/^[a-z0-9._-]{1,96}$/), Sha256),
  template: z.string().nullable(),
  system: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()),
  messages: z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() })),
  license: z.string().nullable(),
  notes: z.array(z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

/** A model that can be served: its files on this machine and what its Modelfile or publisher set. */
export interface StoredModel {
  readonly name: string;
  /** Path of the GGUF. */
  readonly path: string;
  readonly sizeBytes: number;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** ISO 8601. */
  readonly modifiedAt: string;
  /** Shipped with Arriero: cannot be removed or replaced. */
  readonly bundled: boolean;
  /** `hf:org/repo:Q4_0`, `ollama:name:tag`, `https://...`, `file:...`; null where it was made from another model. */
  readonly source: string | null;
  /** Adapter name -> path of its GGUF. */
  readonly adapters: Readonly<Record<string, string>>;
  /** A Jinja chat template that stands in for the GGUF's own. */
  readonly template: string | null;
  readonly system: string | null;
  /** In Ollama's words: temperature, top_p, stop, num_ctx, ... */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Turns that come before every conversation (Modelfile MESSAGE). */
  readonly messages: Manifest["messages"];
  readonly license: string | null;
  /** What was left out when it was made, in words for the user. */
  readonly notes: readonly string[];
}
