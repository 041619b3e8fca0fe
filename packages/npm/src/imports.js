// What the component imports from its user: a store, and perhaps assertions. A function that throws is an error of the
// store or of the assertion, never of the call's host.

/** `store` returns the store of the calling client, and `call` is `blocking` or `awaiting`. */
export function keyvalue(store, call) {
  class Bucket {
    get(key) {
      return call(() => store().get(key), toBytes, toStoreError);
    }

    set(key, value) {
      return call(() => store().set(key, value), toNothing, toStoreError);
    }

    delete(key) {
      return call(() => store().delete(key), toNothing, toStoreError);
    }
  }
  return {
    // A client has one store, so its name makes no difference.
    'wasi:keyvalue/store': { Bucket, open: () => new Bucket() },
    'wasi:keyvalue/atomics': { increment: (_, key) => call(() => store().increment(key), toCount, toStoreError) },
  };
}

/** `provider` returns the calling client's function that makes assertions. */
export const assertionProvider = (provider, call) => ({
  'msal:client-credentials/assertion-provider': {
    getAssertion: (request) => call(() => provider()(request), toAssertion, toProviderError),
  },
});

export function blocking(operation, convert, toError) {
  try {
    return convert(operation());
  } catch (error) {
    throw toError(error);
  }
}

export async function awaiting(operation, convert, toError) {
  try {
    return convert(await operation());
  } catch (error) {
    throw toError(error);
  }
}

function toBytes(value) {
  if (value === undefined || value === null || value instanceof Uint8Array) {
    return value ?? undefined;
  }
  throw new TypeError(`get must return a Uint8Array or undefined, ${instead(value)}`);
}

function toNothing(value) {
  if (value instanceof Promise) {
    throw new TypeError(`set and delete must return nothing, ${instead(value)}`);
  }
}

function toCount(value) {
  if (Number.isSafeInteger(value)) {
    return BigInt(value);
  }
  throw new TypeError(`increment must return a whole number, ${instead(value)}`);
}

function toAssertion(value) {
  if (typeof value === 'string') {
    return value;
  }
  throw new TypeError(`the function must return a string, ${instead(value)}`);
}

const toStoreError = (error) => ({ tag: 'other', val: toMessage(error) });

const toProviderError = (error) => ({ message: toMessage(error) });

const toMessage = (error) => String(error?.message ?? error);

const instead = (value) =>
  value instanceof Promise
    ? 'not a promise: only msal-wasi/worker and msal-wasi/async wait for it'
    : `not a ${typeof value}`;
