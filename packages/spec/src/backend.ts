import { z } from "zod";
import { RegionName } from "./residency.ts";
import { VendorName, vendorObjections } from "./vendor.ts";

/** How a backend is spoken to: `engine` is a replica of ours, `vendor` a cloud with a protocol of its own. */
export const BackendKind = z.enum(["engine", "openai", "ollama", "vendor"]);
export type BackendKind = z.infer<typeof BackendKind>;

/** What a backend can do. `exactResume`: it continues a broken stream token by token, as only our engine can. */
export const Capability = z.enum([
  "chat",
  "completions",
  "embeddings",
  "rerank",
  "tools",
  "jsonSchema",
  "logprobs",
  "seed",
  "assistantPrefill",
  "exactResume",
  "images",
]);
export type Capability = z.infer<typeof Capability>;

/** What holds a request's bytes within the regions named: a contract, the operator's documentation, or nothing known. */
export const Boundary = z.enum(["contractual", "documented", "undefined"]);
export type Boundary = z.infer<typeof Boundary>;

export const Hardware = z.enum(["lpu", "tpu", "gpu", "cpu"]);
export type Hardware = z.infer<typeof Hardware>;

export const Purchase = z.enum(["on-demand", "spot"]);
export type Purchase = z.infer<typeof Purchase>;

const price = z.number().min(0).max(1_000_000);

/** Money for a million tokens, in the one currency of the installation. `cachedInput` null: as `input`. */
export const PricePerMillion = z.strictObject({ input: price, cachedInput: price.nullable().default(null), output: price });
export type PricePerMillion = z.infer<typeof PricePerMillion>;

const bound = z.int().min(1).max(1_000_000_000).nullable().default(null);

/** What a backend takes at most; null: no bound of its own. */
export const BackendLimits = z.strictObject({ maxConcurrent: bound, requestsPerMinute: bound, tokensPerMinute: bound });
export type BackendLimits = z.infer<typeof BackendLimits>;

/** Where the secret is found, never the secret itself: a variable, a file, or the AWS credential chain. */
export const CredentialReference = z
  .string()
  .max(4096)
  .regex(/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+|aws)$/, "a credential is a reference: `env:NAME`, `file:PATH` or `aws`");

const BackendUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((url) => !/^\w+:\/\/[^/]*@/.test(url), "a URL holds no user or password; name them by `credential`");

/** Where it is told beforehand that a machine will end: a metadata service, or a file that comes and goes. */
const NoticeReference = z
  .string()
  .max(2048)
  .regex(/^(?:file:.+|https?:\/\/[^@]+)$/, "a notice is told by `file:PATH` or a metadata service's `http://...`");

/** Backends of one model at most: every request looks at each of them. */
const MOST_BACKENDS = 64;

/** A backend as `arriero.yaml` has it. null: what its kind has by default, see `BackendDescription`. */
export const BackendEntry = z
  .strictObject({
    id: z.string().regex(/^[\w.:-]{1,64}$/, "an id is 1 to 64 letters, digits, `.`, `_`, `:` and `-`"),
    kind: BackendKind,
    /** Root of its API. null for replicas that this server starts itself, and where the vendor's own address serves. */
    url: BackendUrl.nullable().default(null),
    /** Which vendor. For kind `vendor` alone, as the two that follow. */
    provider: VendorName.nullable().default(null),
    /** The vendor's region that is asked, where it has several. */
    location: RegionName.nullable().default(null),
    /** The vendor's project that is asked and billed, where it has them. */
    project: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.:-]{0,127}$/, "a project is named in lower-case letters, digits, dashes, dots and colons")
      .nullable()
      .default(null),
    /** The model's name there; null: the name it is served under. */
    model: z.string().min(1).max(256).nullable().default(null),
    /** Its share beside the others. */
    weight: z.number().min(0.001).max(1000).default(1),
    pricePerMillion: PricePerMillion.nullable().default(null),
    regions: z.array(RegionName).max(64).nullable().default(null),
    boundary: Boundary.nullable().default(null),
    hardware: Hardware.nullable().default(null),
    purchase: Purchase.default("on-demand"),
    limits: BackendLimits.prefault({}),
    capabilities: z.array(Capability).min(1).max(Capability.options.length).nullable().default(null),
    credential: CredentialReference.nullable().default(null),
    /** Asked every two seconds while it has work: a notice moves its streams away. null: nobody would tell. */
    notice: NoticeReference.nullable().default(null),
  })
  .superRefine((entry, context) => {
    const { capabilities, credential, kind, location, project, provider, url } = entry;
    const object = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if ((kind === "openai" || kind === "ollama") && url === null) object("url", `a backend of kind ${kind} needs a url`);
    if (kind === "vendor" && provider === null) object("provider", "a backend of kind vendor names its provider");
    if (kind === "vendor" && provider !== null) {
      for (const { field, message } of vendorObjections({ ...entry, provider })) object(field, message);
    }
    if (kind !== "vendor") {
      for (const [field, value] of Object.entries({ provider, location, project }))
        if (value !== null) object(field, `a backend of kind ${kind} has no ${field}`);
      if (credential === "aws") object("credential", `a backend of kind ${kind} cannot sign in by aws; vendors of AWS can`);
    }
    if (kind !== "openai" && capabilities?.includes("images"))
      object("capabilities", "images is a capability of kind openai alone");
    if (kind !== "engine" && capabilities?.includes("exactResume"))
      object("capabilities", "exactResume is a capability of kind engine alone");
  });
export type BackendEntry = z.infer<typeof BackendEntry>;

/** The backends of one model, told apart by id. */
export const BackendEntries = z
  .array(BackendEntry)
  .min(1)
  .max(MOST_BACKENDS)
  .superRefine((backends, context) => {
    const seen = new Set<string>();
    for (const [index, { id }] of backends.entries()) {
      if (seen.has(id)) context.addIssue({ code: "custom", path: [index, "id"], message: "another backend has this id" });
      seen.add(id);
    }
  });

/** A backend with every default resolved: what routing and the upstream clients read. */
export interface BackendDescription {
  /** Unique within its model. */
  readonly id: string;
  readonly kind: BackendKind;
  /** null: replicas that this server starts itself, or the vendor's own address. */
  readonly url: string | null;
  /** Of kind `vendor` alone. */
  readonly provider: VendorName | null;
  readonly location: string | null;
  readonly project: string | null;
  /** The model's name there. */
  readonly model: string;
  readonly weight: number;
  /** null: not known. */
  readonly pricePerMillion: PricePerMillion | null;
  /** Every region that a byte sent to it may reach; empty: not known. */
  readonly regions: readonly string[];
  readonly boundary: Boundary;
  /** null: not known. */
  readonly hardware: Hardware | null;
  readonly purchase: Purchase;
  readonly limits: BackendLimits;
  readonly capabilities: readonly Capability[];
  /** `env:NAME`, `file:PATH`, `aws`; null: it asks for none. */
  readonly credential: string | null;
  /** `file:PATH` or a metadata service's URL; null: its end is not told beforehand. */
  readonly notice: string | null;
}
