// wasi:io/poll over promises.

export class Pollable {
  #isReady = false;
  #dispose;

  /** The promise must not be rejected. */
  constructor(promise, dispose = () => {}) {
    this.#dispose = dispose;
    this.settled = promise.then(() => {
      this.#isReady = true;
    });
  }

  ready() {
    return this.#isReady;
  }

  block() {
    return this.settled;
  }

  [Symbol.dispose]() {
    this.#dispose();
  }
}

export async function poll(pollables) {
  await Promise.race(pollables.map((it) => it.settled));
  return Uint32Array.from(pollables.keys()).filter((index) => pollables[index].ready());
}
