// The component in this thread. Instances keep nothing between calls, so all clients share them.

import { monotonicClock, wallClock } from '@bytecodealliance/preview2-shim/clocks';
import { outgoingHandler, types } from '@bytecodealliance/preview2-shim/http';
import { error, poll, streams } from '@bytecodealliance/preview2-shim/io';
import { random } from '@bytecodealliance/preview2-shim/random';

import { instantiate } from '../generated/component.js';
import { coreModule } from './core-module.js';
import { assertionProvider, blocking, keyvalue } from './imports.js';

export class Component {
  #caller;

  constructor(store, getAssertion) {
    this.#caller = { store, getAssertion };
  }

  /** Returns what the function of the contract returns, or throws its error, which is no `Error`. */
  call(name, ...values) {
    // More than one instance exists only if a store gets its own tokens here.
    const instance = idle.pop() ?? new Instance();
    try {
      const returned = instance.call(this.#caller, name, values);
      idle.push(instance);
      return returned;
    } catch (thrown) {
      // After a trap, which is an `Error`, an instance cannot be used any more.
      if (!(thrown instanceof Error)) {
        idle.push(instance);
      }
      throw thrown;
    }
  }
}

const idle = [];

class Instance {
  #caller;
  #exports = instantiate(coreModule, {
    'wasi:clocks/monotonic-clock': monotonicClock,
    'wasi:clocks/wall-clock': wallClock,
    'wasi:http/outgoing-handler': outgoingHandler,
    'wasi:http/types': { ...types, httpErrorCode },
    'wasi:io/error': error,
    'wasi:io/poll': poll,
    'wasi:io/streams': streams,
    'wasi:random/random': random,
    ...keyvalue(() => this.#caller.store, blocking),
    ...assertionProvider(() => this.#caller.getAssertion, blocking),
  }).clientCredentials;

  call(caller, name, values) {
    this.#caller = caller;
    return this.#exports[name](...values);
  }
}

/** The shim returns an `Error` for a connection that breaks while bytes are read or written. */
function httpErrorCode(ioError) {
  const code = types.httpErrorCode(ioError);
  return code instanceof Error ? { tag: 'connection-terminated' } : code;
}
