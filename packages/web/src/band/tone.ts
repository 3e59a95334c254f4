/** The colours of threads, in the order plots use them. */
export const TONES = ["cochineal", "indigo", "molle", "maize", "ash"] as const;
export type Tone = (typeof TONES)[number];
