import { ArrieroError } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultName, parseReference, sourceText } from "./reference.ts";

const SHA = "a".repeat(64);

test.each([
  ["hf:Qwen/Qwen3-0.6B-GGUF", { kind: "huggingface", repository: "Qwen/Qwen3-0.6B-GGUF", selector: null }],
  ["hf:Qwen/Qwen3-0.6B-GGUF:Q8_0", { kind: "huggingface", repository: "Qwen/Qwen3-0.6B-GGUF", selector: "Q8_0" }],
  ["hf.co/Qwen/Qwen3-0.6B-GGUF:latest", { kind: "huggingface", repository: "Qwen/Qwen3-0.6B-GGUF", selector: null }],
  ["hf:o/r:sub/file.gguf", { kind: "huggingface", repository: "o/r", selector: "sub/file.gguf" }],
  ["https://huggingface.co/o/r", { kind: "huggingface", repository: "o/r", selector: null }],
  ["https://huggingface.co/o/r/blob/main/m-Q4_0.gguf", { kind: "huggingface", repository: "o/r", selector: "m-Q4_0.gguf" }],
  ["ollama:llama3.2", { kind: "ollama", repository: "library/llama3.2", tag: "latest" }],
  ["llama3.2:1b", { kind: "ollama", repository: "library/llama3.2", tag: "1b" }],
  ["ollama:someone/model:q4", { kind: "ollama", repository: "someone/model", tag: "q4" }],
  ["https://a.example/x.gguf", { kind: "url", url: new URL("https://a.example/x.gguf"), sha256: null }],
  [`https://a.example/x.gguf#sha256=${SHA}`, { kind: "url", url: new URL("https://a.example/x.gguf"), sha256: SHA }],
  ["./m.gguf", { kind: "file", path: "/base/m.gguf" }],
  ["/m", { kind: "file", path: "/m" }],
  ["m.gguf", { kind: "file", path: "/base/m.gguf" }],
  ["file:///a%20b/m.gguf", { kind: "file", path: "/a b/m.gguf" }],
  ["file:m.gguf", { kind: "file", path: "/base/m.gguf" }],
])("%s", (text, expected) => {
  expect(parseReference(text, "/base")).toEqual(expected);
});

test.each([
  "",
  "hf:",
  "hf:only-a-name",
  "hf:o/r:../../etc/passwd",
  "hf:o/..:x",
  "ollama:a/b/c",
  "ollama:../x",
  "http://example.org/x.gguf",
  "https://user:secret@example.org/x.gguf",
  "https://example.org/x.gguf#elsewhere",
  "ftp://example.org/x.gguf",
])("%j is refused", (text) => {
  expect(() => parseReference(text, "/base")).toThrow(expect.objectContaining({ code: "invalid_request" }));
});

test("any text is read or refused with the same code", () => {
  const prefix = fc.constantFrom("", "hf:", "ollama:", "https://", "file:", "./", "https://huggingface.co/");
  fc.assert(
    fc.property(prefix, fc.string({ maxLength: 60 }), (start, rest) => {
      try {
        parseReference(start + rest, "/base");
      } catch (error) {
        expect(error).toBeInstanceOf(ArrieroError);
        expect((error as ArrieroError).code).toBe("invalid_request");
      }
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["hf:Qwen/Qwen3-0.6B-GGUF", "Q8_0", "qwen3-0.6b:q8_0", "hf:Qwen/Qwen3-0.6B-GGUF"],
  ["llama3.2:1b", null, "llama3.2:1b", "ollama:llama3.2:1b"],
  ["ollama:Someone/Model", null, "someone/model", "ollama:Someone/Model:latest"],
  ["https://a.example/dir/My%20Model.gguf?token=secret", null, "my-model", "https://a.example/dir/My%20Model.gguf"],
  ["/a/Tiny Model.GGUF", null, "tiny-model", "file:/a/Tiny Model.GGUF"],
])("%s is named %s and remembered without secrets", (text, quantization, name, source) => {
  const reference = parseReference(text, "/base");
  expect(defaultName(reference, quantization)).toBe(name);
  expect(sourceText(reference)).toBe(source);
});
