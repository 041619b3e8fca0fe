// Instances of the component. They keep nothing between calls, so all clients of an entry share them.

export class Instances {
  #idle = [];
  #instantiate;

  /** `instantiate` returns the exports of a new instance. It gets a function that returns the caller of the current call. */
  constructor(instantiate) {
    this.#instantiate = instantiate;
  }

  /** Returns an instance that no other call has. */
  take(caller) {
    const instance = this.#idle.pop() ?? new Instance(this.#instantiate);
    instance.caller = caller;
    return instance;
  }

  /** After a call that threw `thrown`, if anything. After a trap, which is an `Error`, an instance cannot be used any more. */
  giveBack(instance, thrown) {
    if (!(thrown instanceof Error)) {
      this.#idle.push(instance);
    }
  }
}

class Instance {
  caller;
  exports;

  constructor(instantiate) {
    this.exports = instantiate(() => this.caller);
  }
}
