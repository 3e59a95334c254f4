import { ArrieroError } from "@arriero/spec";
import { z } from "zod";
import type { HubHttp, HubRequest, HubResponse } from "./hub-http.ts";
import { isLoopback } from "./reference.ts";
import { type RemoteFile, rememberingRedirects } from "./remote-file.ts";

const MAX_LISTING_BYTES = 16 * 1024 * 1024;

const Listing = z.object({
  sha: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/)
    .optional(),
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: z.number().nullish(),
        lfs: z.object({ sha256: z.string().optional(), oid: z.string().optional(), size: z.number().optional() }).nullish(),
      }),
    )
    .max(100_000),
});

/** One file of a repository. */
export interface HubFile {
  readonly path: string;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
}

/** What was chosen from a repository. */
export interface HubChoice {
  readonly file: HubFile;
  readonly quantization: string | null;
}

/** Taken in this order when the reference names none: the best answers for their size first. */
const PREFERRED = [
  "Q4_K_M",
  "Q4_0",
  "Q4_K_S",
  "Q5_K_M",
  "Q8_0",
  "Q6_K",
  "Q5_0",
  "IQ4_XS",
  "Q3_K_M",
  "MXFP4",
  "BF16",
  "F16",
  "F32",
];
const QUANTIZATION = /(?:^|[-._])((?:UD-)?(?:I?Q\d|TQ\d)[A-Z0-9_]*|MXFP4(?:_MOE)?|BF16|F16|F32)(?=[-._]|$)/gi;
const SPLIT = /-(\d{5})-of-(\d{5})\.gguf$/i;

/** The repositories of a Hugging Face hub or a mirror of it. */
export class HuggingFaceHub {
  readonly #http: HubHttp;
  readonly #endpoint: string;
  readonly #token: string | null;

  constructor(http: HubHttp, endpoint: string, token: string | null) {
    this.#http = http;
    this.#endpoint = endpoint.replace(/\/+$/, "");
    this.#token = token;
  }

  /** The files of a repository and the commit they were listed at. */
  async list(repository: string, signal: AbortSignal | undefined): Promise<{ revision: string; files: HubFile[] }> {
    const address = `${this.#endpoint}/api/models/${repository}?blobs=true`;
    const text = await this.#http.text(address, MAX_LISTING_BYTES, { signal, authorize: this.#authorize });
    const parsed = Listing.safeParse(parseJson(text));
    if (!parsed.success)
      throw new ArrieroError("pull_failed", `${new URL(address).host} sent no listing of ${repository} that can be read`);
    const files = parsed.data.siblings.map(({ rfilename, size, lfs }) => ({
      path: rfilename,
      sizeBytes: size ?? lfs?.size ?? null,
      sha256: sha256Of(lfs?.sha256 ?? lfs?.oid),
    }));
    // The commit pins the download: a push meanwhile does not mix two files.
    return { revision: parsed.data.sha ?? "main", files };
  }

  /** A file to download. */
  file(repository: string, revision: string, file: HubFile): RemoteFile {
    const path = file.path.split("/").map(encodeURIComponent).join("/");
    const address = `${this.#endpoint}/${repository}/resolve/${revision}/${path}`;
    const ask = (options: HubRequest): Promise<HubResponse> =>
      this.#http.get(address, { ...options, authorize: this.#authorize });
    return {
      key: `${this.#endpoint}/${repository}/${file.path}`,
      name: file.path,
      sizeBytes: file.sizeBytes,
      sha256: file.sha256,
      request: rememberingRedirects(this.#http, ask, address),
    };
  }

  /** The token goes to the hub alone, never to the host it redirects to. */
  #authorize = (url: URL): string | null => {
    const ours = url.origin === new URL(this.#endpoint).origin && (url.protocol === "https:" || isLoopback(url.hostname));
    return ours && this.#token !== null ? `Bearer ${this.#token}` : null;
  };
}

/**
 * The file that `selector` means: a path, a quantization in any case, or null for the preferred one.
 * Throws `model_not_found` with what there is, `unsupported` for a model split into several files.
 */
export function chooseFile(files: readonly HubFile[], repository: string, selector: string | null): HubChoice {
  const models = files.filter(({ path }) => /\.gguf$/i.test(path) && !/mmproj|imatrix/i.test(path));
  if (models.length === 0) {
    throw new ArrieroError("model_not_found", `${repository} holds no GGUF file`, {
      hint: "Look for a repository of the same model with GGUF in its name.",
    });
  }
  const found = selector === null ? preferred(models) : selected(models, selector);
  if (found.length === 0) {
    throw new ArrieroError("model_not_found", `${repository} has no ${selector ?? "file to prefer"}; it has ${choices(models)}`, {
      hint: `Name one of them: hf:${repository}:${quantizationOfFile(models[0]?.path ?? "") ?? "FILE.gguf"}.`,
    });
  }
  const whole = found.filter(({ path }) => !SPLIT.test(path));
  const [file, ...others] = whole;
  if (file === undefined) {
    const parts = Number(SPLIT.exec(found[0]?.path ?? "")?.[2] ?? found.length);
    throw new ArrieroError(
      "unsupported",
      `${found[0]?.path} of ${repository} is one of ${parts} parts of a split model, which is not read`,
      {
        hint: "Choose a smaller quantization, or join the parts with llama-gguf-split --merge and pull the result as a file.",
      },
    );
  }
  if (others.length > 0) {
    throw new ArrieroError(
      "invalid_request",
      `${selector ?? "the preferred quantization"} of ${repository} means several files: ${listed(whole.map(({ path }) => path))}`,
      {
        hint: `Name one: hf:${repository}:${file.path}.`,
      },
    );
  }
  return { file, quantization: quantizationOfFile(file.path) };
}

/** The quantization that a file's name tells, in upper case. */
export function quantizationOfFile(path: string): string | null {
  const name =
    path
      .replace(SPLIT, ".gguf")
      .replace(/\.gguf$/i, "")
      .split("/")
      .at(-1) ?? "";
  return [...name.matchAll(QUANTIZATION)].at(-1)?.[1]?.toUpperCase() ?? null;
}

function preferred(models: readonly HubFile[]): HubFile[] {
  // Whole files first: a split one is refused later.
  for (const candidates of [models.filter(({ path }) => !SPLIT.test(path)), models]) {
    for (const quantization of PREFERRED) {
      const found = candidates.filter(({ path }) => quantizationOfFile(path) === quantization);
      if (found.length > 0) return found;
    }
    if (candidates.length === 1) return [...candidates];
  }
  return [];
}

function selected(models: readonly HubFile[], selector: string): HubFile[] {
  const wanted = selector.toLowerCase();
  const exact = models.filter(({ path }) => path.toLowerCase() === wanted);
  if (exact.length > 0) return exact;
  if (wanted.endsWith(".gguf")) return models.filter(({ path }) => path.toLowerCase().endsWith(`/${wanted}`));
  return models.filter(({ path }) => quantizationOfFile(path)?.toLowerCase() === wanted);
}

function choices(models: readonly HubFile[]): string {
  return listed([...new Set(models.map(({ path }) => quantizationOfFile(path) ?? path))]);
}

function listed(names: readonly string[]): string {
  return names.length <= 20 ? names.join(", ") : `${names.slice(0, 20).join(", ")} and ${names.length - 20} more`;
}

function sha256Of(text: string | undefined): string | null {
  return /^(?:sha256:)?([0-9a-f]{64})$/.exec(text ?? "")?.[1] ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
