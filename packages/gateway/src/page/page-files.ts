import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** A file of the built page, as it is sent. */
export interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".ttf": "font/ttf",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};
const COMPRESSED = new Set([".html", ".js", ".css", ".json", ".svg", ".ttf", ".webmanifest", ".txt"]);
/** Files of a page at most: what is in the folder is known once, and nothing else is ever read. */
const MOST_FILES = 5_000;
/** Smaller ones gain nothing. */
const LEAST_COMPRESSED = 1_024;
const BROTLI_QUALITY = 9;

/**
 * Nothing runs but our own scripts; nothing is sent anywhere but here. Styles that scripts set on elements are not inline
 * styles to a browser. Pictures may be made on the page (`data:`, `blob:`).
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self' blob:",
  "frame-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const SECURITY: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

/** What the frame that draws diagrams is made of. */
const DIAGRAM = "/diagram/";

/**
 * Strangers' texts are drawn there: in an origin of their own, which even a link to the frame does not escape; nothing is fetched
 * but its own scripts, which must let an origin that is nobody's have them. The drawings have styles in them.
 */
const DIAGRAM_SECURITY: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "sandbox allow-scripts",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "cross-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

/** What the server does not answer itself, and the page must not be shown for: programs ask there. */
const PROGRAMS = /^\/(?:api|v1|arriero|assets)(?:\/|$)/;

interface Kept {
  readonly path: string;
  readonly etag: string;
  readonly extension: string;
  readonly plain: Buffer;
  readonly encoded: Map<"br" | "gzip", Buffer>;
}

/** The built page in memory: a few megabytes, read once, each compressed when it is first asked for. */
export class PageFiles {
  readonly #files = new Map<string, Kept>();

  /** @param folder as `vite build` leaves it; one that is not there has no files */
  constructor(folder: string) {
    for (const name of filesIn(folder).slice(0, MOST_FILES)) {
      const plain = readFileSync(join(folder, name));
      const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
      const path = `/${name.replaceAll("\\", "/")}`;
      this.#files.set(path, { path, etag, extension: extname(name), plain, encoded: new Map() });
    }
  }

  get isEmpty(): boolean {
    return !this.#files.has("/index.html");
  }

  /**
   * The file of a path; the page itself for any other path that a browser opens. null: none of it.
   * @param ask header fields of the request
   */
  find(path: string, ask: { readonly accept?: string | undefined; readonly encodings?: string | undefined }): PageFile | null {
    const exact = path === "/" || path === "/index.html" ? undefined : this.#files.get(path);
    if (exact !== undefined) return send(exact, ask.encodings ?? "", path.startsWith("/assets/"));
    const index = this.#files.get("/index.html");
    if (index === undefined || PROGRAMS.test(path) || extname(path) !== "" || !wantsHtml(ask.accept ?? "")) return null;
    return send(index, ask.encodings ?? "", false);
  }
}

/** Browsers name `text/html` when a person opens a page; programs name nothing, or take anything. */
export const wantsHtml = (accept: string): boolean => /(?:^|[,\s])text\/html(?:[,;\s]|$)/i.test(accept);

function send(file: Kept, encodings: string, isNamedByContent: boolean): PageFile {
  const encoding = COMPRESSED.has(file.extension) && file.plain.length >= LEAST_COMPRESSED ? best(encodings) : null;
  return {
    bytes: encoding === null ? file.plain : compressed(file, encoding),
    headers: {
      ...(file.path.startsWith(DIAGRAM) ? DIAGRAM_SECURITY : SECURITY),
      "content-type": TYPES[file.extension] ?? "application/octet-stream",
      // Vite names what is in assets/ by its content.
      "cache-control": isNamedByContent ? "public, max-age=31536000, immutable" : "no-cache",
      etag: encoding === null ? file.etag : file.etag.replace(/"$/, `-${encoding}"`),
      vary: "accept-encoding, accept",
      ...(encoding === null ? {} : { "content-encoding": encoding }),
    },
  };
}

function best(encodings: string): "br" | "gzip" | null {
  const named = new Set(
    encodings
      .toLowerCase()
      .split(",")
      .filter((each) => !/;\s*q=0(?:\.0*)?\s*$/.test(each))
      .map((each) => each.split(";", 1)[0]?.trim()),
  );
  return named.has("br") ? "br" : named.has("gzip") ? "gzip" : null;
}

function compressed({ encoded, plain }: Kept, encoding: "br" | "gzip"): Buffer {
  const known = encoded.get(encoding);
  if (known !== undefined) return known;
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  const made = encoding === "br" ? brotliCompressSync(plain, { params }) : gzipSync(plain);
  encoded.set(encoding, made);
  return made;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length)
          .replace(/^[\\/]+/, ""),
      );
  } catch {
    return [];
  }
}
