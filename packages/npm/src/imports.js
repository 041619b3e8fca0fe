// What the component imports from its user: a store, and perhaps assertions. A function that throws is an error of the
// store or of the assertion, never of the call's host.

/** `store` returns the store of the calling client. */
export function keyvalue(store) {
  class Bucket {
    get(key) {
      return orStoreError(() => toBytes(store().get(key)));
    }

    set(key, value) {
      return orStoreError(() => toNothing(store().set(key, value)));
    }

    delete(key) {
      return orStoreError(() => toNothing(store().delete(key)));
    }
  }
  return {
    // A client has one store, whatever its name.
    'wasi:keyvalue/store': { Bucket, open: () => new Bucket() },
    'wasi:keyvalue/atomics': { increment: (_, key) => orStoreError(() => toCount(store().increment(key))) },
  };
}

/** `provider` returns the calling client's function that makes assertions. */
export function assertionProvider(provider) {
  return {
    'msal:client-credentials/assertion-provider': {
      getAssertion(request) {
        try {
          return toAssertion(provider()(request));
        } catch (error) {
          throw { message: toMessage(error) };
        }
      },
    },
  };
}

export function toBytes(value) {
  if (value === undefined || value === null || value instanceof Uint8Array) {
    return value ?? undefined;
  }
  throw new TypeError(`get must return a Uint8Array or undefined, ${INSTEAD(value)}`);
}

export function toNothing(value) {
  if (value instanceof Promise) {
    throw new TypeError(`set and delete must return nothing, ${INSTEAD(value)}`);
  }
}

export function toCount(value) {
  if (Number.isSafeInteger(value)) {
    return BigInt(value);
  }
  throw new TypeError(`increment must return a whole number, ${INSTEAD(value)}`);
}

export function toAssertion(value) {
  if (typeof value === 'string') {
    return value;
  }
  throw new TypeError(`the function must return a string, ${INSTEAD(value)}`);
}

export const toStoreError = (error) => ({ tag: 'other', val: toMessage(error) });

export const toMessage = (error) => String(error?.message ?? error);

function orStoreError(operation) {
  try {
    return operation();
  } catch (error) {
    throw toStoreError(error);
  }
}

const INSTEAD = (value) =>
  value instanceof Promise ? 'not a promise: that works with msal-wasi/worker only' : `not a ${typeof value}`;
