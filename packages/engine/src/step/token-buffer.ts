/** Token ids that grow by one a step, without copying the prompt each time. */
export class TokenBuffer {
  #data: Int32Array;
  #length: number;

  constructor(initial: Int32Array, headroom: number) {
    this.#data = new Int32Array(initial.length + headroom);
    this.#data.set(initial);
    this.#length = initial.length;
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    if (index < 0 || index >= this.#length) throw new RangeError(`token ${index} of ${this.#length}`);
    return this.#data[index] as number;
  }

  push(token: number): void {
    if (this.#length === this.#data.length) {
      const grown = new Int32Array(Math.max(16, this.#data.length * 2));
      grown.set(this.#data);
      this.#data = grown;
    }
    this.#data[this.#length++] = token;
  }

  /** All tokens, without copying; valid until the next push. */
  view(): Int32Array {
    return this.#data.subarray(0, this.#length);
  }
}
