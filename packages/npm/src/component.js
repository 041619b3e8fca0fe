// The component in this thread.

import { monotonicClock, wallClock } from '@bytecodealliance/preview2-shim/clocks';
import { outgoingHandler, types } from '@bytecodealliance/preview2-shim/http';
import { error, poll, streams } from '@bytecodealliance/preview2-shim/io';
import { random } from '@bytecodealliance/preview2-shim/random';

import { instantiate } from '../generated/component.js';
import { coreModule } from './core-module.js';
import { assertionProvider, blocking, keyvalue } from './imports.js';
import { Instances } from './instances.js';

export class Component {
  #caller;

  constructor(store, getAssertion) {
    this.#caller = { store, getAssertion };
  }

  /** Returns what the function of the contract returns, or throws its error, which is no `Error`. */
  call(name, ...values) {
    // More than one instance exists only if a store gets its own tokens here.
    const instance = instances.take(this.#caller);
    let thrown;
    try {
      return instance.exports[name](...values);
    } catch (error) {
      thrown = error;
      throw error;
    } finally {
      instances.giveBack(instance, thrown);
    }
  }
}

const instances = new Instances(
  (caller) =>
    instantiate(coreModule, {
      'wasi:clocks/monotonic-clock': monotonicClock,
      'wasi:clocks/wall-clock': wallClock,
      'wasi:http/outgoing-handler': outgoingHandler,
      'wasi:http/types': { ...types, httpErrorCode },
      'wasi:io/error': error,
      'wasi:io/poll': poll,
      'wasi:io/streams': streams,
      'wasi:random/random': random,
      ...keyvalue(() => caller().store, blocking),
      ...assertionProvider(() => caller().getAssertion, blocking),
    }).clientCredentials,
);

/** The shim returns an `Error` for a connection that breaks while bytes are read or written. */
function httpErrorCode(ioError) {
  const code = types.httpErrorCode(ioError);
  return code instanceof Error ? { tag: 'connection-terminated' } : code;
}
