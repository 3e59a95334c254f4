import { broken } from "./backend-faults.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The AWS credential chain: variables, profiles, web identity, container and instance roles, in that order. What it finds
 * is kept until shortly before it expires. The chain's own code is loaded when it is first asked.
 *
 * @throws UpstreamBroken with backend_misconfigured where it finds none
 */
export function awsCredentialChain(): () => Promise<AwsCredentials> {
  let chain: Promise<() => Promise<AwsCredentials>> | null = null;
  return async () => {
    chain ??= import("@aws-sdk/credential-provider-node").then(({ defaultProvider }) => defaultProvider());
    const find = await chain;
    try {
      return await find();
    } catch {
      // Not quoted: a chain's message may name a file's content.
      throw broken("backend_misconfigured", "The AWS credential chain found no credentials.", {
        hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE for the server, or run it with a role.",
      });
    }
  };
}
