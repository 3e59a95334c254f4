import { createHash } from "node:crypto";
import { ArrieroError } from "@arriero/spec";
import { z } from "zod";
import { type HubHttp, type HubRequest, type HubResponse, readBody } from "./hub-http.ts";
import { isLoopback } from "./reference.ts";
import { type RemoteFile, rememberingRedirects } from "./remote-file.ts";

const MANIFEST_TYPES = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json";
const LAYER_PREFIX = "application/vnd.ollama.image.";
const MAX_MANIFEST_BYTES = 1024 * 1024;
/** Templates, parameters and licences are small. */
const MAX_TEXT_LAYER_BYTES = 1024 * 1024;
const MAX_TOKEN_BYTES = 256 * 1024;

const ImageManifest = z.object({
  layers: z
    .array(z.object({ mediaType: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), size: z.int().min(0) }))
    .min(1)
    .max(1000),
});

/** One layer of a model: `kind` is what follows `application/vnd.ollama.image.` */
export interface OllamaLayer {
  readonly kind: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

/** An OCI registry that holds models as Ollama's does. */
export class OllamaRegistry {
  readonly #http: HubHttp;
  readonly #base: string;
  readonly #origin: string;
  #token: string | null;

  constructor(http: HubHttp, base: string, token: string | null) {
    this.#http = http;
    this.#base = base.replace(/\/+$/, "");
    this.#origin = new URL(this.#base).origin;
    this.#token = token;
  }

  /** The layers of `repository:tag`. */
  async layers(repository: string, tag: string, signal: AbortSignal | undefined): Promise<OllamaLayer[]> {
    const address = `${this.#base}/v2/${repository}/manifests/${tag}`;
    const answer = await this.#get(address, { headers: { accept: MANIFEST_TYPES }, signal });
    if (answer.status !== 200) throw this.#http.statusError(answer);
    const parsed = ImageManifest.safeParse(parseJson((await readBody(answer, MAX_MANIFEST_BYTES)).toString("utf8")));
    if (!parsed.success)
      throw new ArrieroError("pull_failed", `${new URL(address).host} sent no manifest of ${repository}:${tag} that can be read`);
    return parsed.data.layers
      .filter(({ mediaType }) => mediaType.startsWith(LAYER_PREFIX))
      .map(({ mediaType, digest, size }) => ({ kind: mediaType.slice(LAYER_PREFIX.length), digest, sizeBytes: size }));
  }

  /** A layer to download. */
  file(repository: string, layer: OllamaLayer, name: string): RemoteFile {
    const address = this.#blob(repository, layer);
    return {
      key: address,
      name,
      sizeBytes: layer.sizeBytes,
      sha256: layer.digest.slice("sha256:".length),
      request: rememberingRedirects(this.#http, (options) => this.#get(address, options), address),
    };
  }

  /** A small layer in memory, its digest checked. */
  async text(repository: string, layer: OllamaLayer, signal: AbortSignal | undefined): Promise<string> {
    if (layer.sizeBytes > MAX_TEXT_LAYER_BYTES) {
      throw new ArrieroError(
        "pull_failed",
        `the ${layer.kind} layer has ${layer.sizeBytes} bytes, at most ${MAX_TEXT_LAYER_BYTES} are read`,
      );
    }
    const answer = await this.#get(this.#blob(repository, layer), { signal });
    if (answer.status !== 200) throw this.#http.statusError(answer);
    const bytes = await readBody(answer, MAX_TEXT_LAYER_BYTES);
    const actual = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    if (actual !== layer.digest)
      throw new ArrieroError("checksum_mismatch", `the ${layer.kind} layer has ${actual}, its manifest says ${layer.digest}`);
    return bytes.toString("utf8");
  }

  #blob(repository: string, layer: OllamaLayer): string {
    return `${this.#base}/v2/${repository}/blobs/${layer.digest}`;
  }

  /** A token that expires during a long pull is asked for again, once per request. */
  async #get(address: string, options: HubRequest): Promise<HubResponse> {
    const answer = await this.#http.get(address, { ...options, authorize: this.#authorize });
    const challenge = answer.headers["www-authenticate"];
    if (answer.status !== 401 || challenge === undefined) return answer;
    const granted = await this.#answerChallenge(challenge, options.signal);
    if (granted === null) return answer;
    answer.body.on("error", () => undefined).destroy();
    this.#token = granted;
    return await this.#http.get(address, { ...options, authorize: this.#authorize });
  }

  #authorize = (url: URL): string | null =>
    url.origin === this.#origin && this.#token !== null ? `Bearer ${this.#token}` : null;

  /** The token flow of the distribution specification, anonymous. Null when the challenge is of another kind. */
  async #answerChallenge(challenge: string, signal: AbortSignal | undefined): Promise<string | null> {
    const fields = bearerChallenge(challenge);
    if (fields?.realm === undefined || !URL.canParse(fields.realm)) return null;
    const url = new URL(fields.realm);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) return null;
    if (fields.service !== undefined) url.searchParams.set("service", fields.service);
    if (fields.scope !== undefined) url.searchParams.set("scope", fields.scope);
    const granted = z
      .object({ token: z.string().optional(), access_token: z.string().optional() })
      .safeParse(parseJson(await this.#http.text(url.href, MAX_TOKEN_BYTES, { signal })));
    return granted.success ? (granted.data.token ?? granted.data.access_token ?? null) : null;
  }
}

/** `Bearer realm="...",service="...",scope="..."`, or null. */
export function bearerChallenge(header: string): { realm?: string; service?: string; scope?: string } | null {
  const match = /^bearer\s+(.*)$/i.exec(header.trim());
  if (match === null) return null;
  const pairs = [...(match[1] ?? "").matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi)];
  return Object.fromEntries(pairs.map(([, name, quoted, bare]) => [name?.toLowerCase(), quoted ?? bare]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
