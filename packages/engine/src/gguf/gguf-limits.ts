/** Bytes fetched at once while the header is read. */
export const READ_CHUNK_BYTES = 256 * 1024;

/** Key/values in one file. Real files hold under a hundred. */
export const MAX_KEY_VALUES = 65_536;

/** Tensors in one file. The largest unmerged mixtures hold some 50,000. */
export const MAX_TENSORS = 262_144;

/** Bytes of a key; the format's own limit. */
export const MAX_KEY_BYTES = 65_535;

/** Bytes of one text value: the longest real ones are chat templates and tokenizer files of a few MiB. */
export const MAX_TEXT_BYTES = 8 * 1024 * 1024;

/** Bytes of all keys and values kept in memory together. */
export const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/** Array elements kept in memory; a longer array is checked and passed over. */
export const MAX_KEPT_ELEMENTS = 1024;

/** Elements of an array, kept or not. The largest vocabularies have some 500,000 merges. */
export const MAX_ARRAY_ELEMENTS = 16 * 1024 * 1024;

/** Bytes before the tensor data. A vocabulary of 260,000 tokens with merges takes about 20 MiB. */
export const MAX_HEADER_BYTES = 512 * 1024 * 1024;

/** Largest alignment of tensor data; files use 32. */
export const MAX_ALIGNMENT = 1024 * 1024;

/** Dimensions of a tensor: GGML_MAX_DIMS. */
export const MAX_DIMENSIONS = 4;

/** Bytes of a tensor's name, one less than GGML_MAX_NAME, which counts the terminator. */
export const MAX_TENSOR_NAME_BYTES = 63;
