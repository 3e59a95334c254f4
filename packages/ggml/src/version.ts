/** The release that the declarations in this package describe. Structs passed by value change between releases. */
export const WANTED_RELEASE = "v0.5.0";
/** What `llama_version()` of that release answers. */
export const WANTED_LLAMA_VERSION = "0.5.0-dev";
/** The npm version of the binaries' packages that carry it. */
export const WANTED_PACKAGE_VERSION = "3.22.1";
