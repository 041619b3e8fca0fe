// A store in this process.

export class MemoryStore {
  #values = new Map();
  #counters = new Map();

  get(key) {
    return this.#values.get(key);
  }

  set(key, value) {
    this.#values.set(key, value);
  }

  delete(key) {
    this.#values.delete(key);
    this.#counters.delete(key);
  }

  increment(key) {
    const count = (this.#counters.get(key) ?? 0) + 1;
    this.#counters.set(key, count);
    return count;
  }
}
