import { z } from "zod";

/** The clouds that have a protocol of their own: a backend of kind `vendor` names one of them as its `provider`. */
export const VendorName = z.enum([
  "openai",
  "anthropic",
  "amazon-bedrock",
  "azure",
  "google-vertex",
  "mistral",
  "groq",
  "sagemaker",
  "sagemaker-tgi",
]);
export type VendorName = z.infer<typeof VendorName>;

/** How a vendor knows its caller: a key, the AWS credential chain, or an account's file that may also be found unnamed. */
type SignIn = "key" | "key-or-aws" | "aws" | "account";

interface VendorNeeds {
  readonly signIn: SignIn;
  /** `resource`: the caller's own address; `region`: one of its regions is asked; `project`: a project there. */
  readonly place: "none" | "resource" | "region" | "project";
}

const NEEDS: Readonly<Record<VendorName, VendorNeeds>> = {
  openai: { signIn: "key", place: "none" },
  anthropic: { signIn: "key", place: "none" },
  "amazon-bedrock": { signIn: "key-or-aws", place: "region" },
  azure: { signIn: "key", place: "resource" },
  "google-vertex": { signIn: "account", place: "project" },
  mistral: { signIn: "key", place: "none" },
  groq: { signIn: "key", place: "none" },
  sagemaker: { signIn: "aws", place: "region" },
  "sagemaker-tgi": { signIn: "aws", place: "region" },
};

const CREDENTIALS: Readonly<Record<SignIn, { readonly kinds: RegExp; readonly wanted: string }>> = {
  key: { kinds: /^(?:env|file):/, wanted: "needs a credential: `env:NAME` or `file:PATH` of its API key" },
  "key-or-aws": {
    kinds: /^(?:env:|file:|aws$)/,
    wanted: "needs a credential: `aws`, or `env:NAME` or `file:PATH` of an API key",
  },
  aws: { kinds: /^aws$/, wanted: "needs the credential `aws`" },
  account: {
    kinds: /^(?:env|file):/,
    wanted: "takes `file:PATH` or `env:NAME` of a service account's JSON as its credential, or none",
  },
};

/** What of a backend's entry its vendor has a say in. */
export interface VendorEntry {
  readonly provider: VendorName;
  readonly url: string | null;
  readonly location: string | null;
  readonly project: string | null;
  readonly regions: readonly string[] | null;
  readonly credential: string | null;
}

export interface VendorObjection {
  readonly field: "url" | "location" | "project" | "regions" | "credential";
  readonly message: string;
}

/** What is missing or too much in a vendor's entry. */
export function vendorObjections(entry: VendorEntry): VendorObjection[] {
  const { credential, location, project, provider, regions, url } = entry;
  const { place, signIn } = NEEDS[provider];
  const { kinds, wanted } = CREDENTIALS[signIn];
  const regional = place === "region" || place === "project";
  const found: (VendorObjection | false)[] = [
    credential === null
      ? signIn !== "account" && { field: "credential", message: `${provider} ${wanted}` }
      : !kinds.test(credential) && { field: "credential", message: `${provider} ${wanted}` },
    place === "resource" &&
      url === null && { field: "url", message: `${provider} needs a url: https://RESOURCE.openai.azure.com/openai` },
    regional &&
      location === null && {
        field: "location",
        message: `${provider} needs a location: the region that is asked, as it calls it`,
      },
    !regional && location !== null && { field: "location", message: `${provider} has no location` },
    place === "project" && project === null && { field: "project", message: `${provider} needs a project` },
    place !== "project" && project !== null && { field: "project", message: `${provider} has no project` },
    location !== null &&
      regions !== null &&
      !regions.includes(location) && { field: "regions", message: `the location ${location} is not among the regions` },
  ];
  return found.filter((objection) => objection !== false);
}
