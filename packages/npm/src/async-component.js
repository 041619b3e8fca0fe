// The component in this thread, suspended while a call waits (JSPI). A call has an instance to itself.

import { instantiate } from '../generated/async-component.js';
import { monotonicClock, random, wallClock } from './clocks.js';
import { coreModule } from './core-module.js';
import { outgoingHandler, types } from './fetch.js';
import { assertionProvider, awaiting, keyvalue } from './imports.js';
import { Instances } from './instances.js';
import { poll, Pollable } from './pollable.js';
import { InputStream, IoError, OutputStream } from './streams.js';

export class AsyncComponent {
  #caller;
  #calls = new Set();
  #free = CONCURRENT_CALLS;
  #queue = [];
  #closed = false;

  constructor(store, getAssertion) {
    this.#caller = { store, getAssertion };
  }

  /** Resolves to what the function of the contract returns, or rejects with its error, which is no `Error`. */
  call(name, ...values) {
    if (this.#closed) {
      throw new Error('the client is closed');
    }
    const call = this.#inTurn(name, values);
    const forget = () => this.#calls.delete(call);
    this.#calls.add(call);
    call.then(forget, forget);
    return call;
  }

  async close() {
    this.#closed = true;
    await Promise.allSettled(this.#calls);
  }

  async #inTurn(name, values) {
    if (this.#free === 0) {
      await new Promise((resolve) => this.#queue.push(resolve));
    } else {
      this.#free -= 1;
    }
    try {
      return await this.#run(name, values);
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) {
        this.#free += 1;
      } else {
        next();
      }
    }
  }

  async #run(name, values) {
    const instance = instances.take(this.#caller);
    let thrown;
    try {
      return await instance.exports[name](...values);
    } catch (error) {
      thrown = error;
      throw error;
    } finally {
      instances.giveBack(instance, thrown);
    }
  }
}

/** Of one client. Further calls wait, so that a burst does not take an instance for each call. */
const CONCURRENT_CALLS = 8;

const instances = new Instances(
  (caller) =>
    instantiate(coreModule, {
      'wasi:clocks/monotonic-clock': monotonicClock,
      'wasi:clocks/wall-clock': wallClock,
      'wasi:http/outgoing-handler': outgoingHandler,
      'wasi:http/types': types,
      'wasi:io/error': { Error: IoError },
      'wasi:io/poll': { Pollable, poll },
      'wasi:io/streams': { InputStream, OutputStream },
      'wasi:random/random': random,
      ...keyvalue(() => caller().store, awaiting),
      ...assertionProvider(() => caller().getAssertion, awaiting),
    }).clientCredentials,
);
