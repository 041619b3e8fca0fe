// What an application is made of, from the constructor's argument to the contract's `application`.

import { MemoryStore } from './memory-store.js';
import { bytes, flag, listOf, members, methods, oneMember, oneOf, text, toOptions } from './shape.js';

/** The contract's application, the store, and the function that makes assertions, if there is one. */
export function toApplication(argument) {
  const checks = { clientId: text, authority: text, credential: credentials, store, ...APPLICATION_OPTIONS };
  const given = members(argument, '', checks, ['clientId', 'authority', 'credential']);
  const { clientId, authority, credential, store: own = new MemoryStore(), ...rest } = given;
  const functions = credential.filter((it) => it.tag === 'provider');
  if (functions.length > 1) {
    throw new TypeError('credential must have at most one function that makes assertions');
  }
  return {
    application: {
      clientId,
      authority,
      credentials: credential.map(({ tag, val }) => (tag === 'provider' ? { tag } : { tag, val })),
      options: toOptions(rest, APPLICATION_OPTIONS),
    },
    store: own,
    getAssertion: functions[0]?.val,
  };
}

const credentials = (value, field) =>
  Array.isArray(value) ? listOf(credential)(value, field) : [credential(value, field)];

function credential(value, field) {
  const [name, val] = oneMember(value, field, { clientSecret: text, certificate, assertion });
  if (name === 'assertion') {
    return { tag: typeof val === 'function' ? 'provider' : 'assertion', val };
  }
  return { tag: name === 'clientSecret' ? 'secret' : 'certificate', val };
}

const assertion = (value, field) => (typeof value === 'function' ? value : text(value, field));

function certificate(value, field) {
  const { pem, pkcs12, ...rest } = members(value, field, { pem: text, pkcs12: bytes, ...CERTIFICATE_OPTIONS });
  const [tag, val] = oneMember({ pem, pkcs12 }, field, { pem: text, pkcs12: bytes });
  return { source: { tag, val }, options: toOptions(rest, CERTIFICATE_OPTIONS) };
}

const store = (value, field) => methods(value, field, ['get', 'set', 'delete', 'increment']);

const instanceMetadata = (value, field) => members(value, field, INSTANCE_METADATA, Object.keys(INSTANCE_METADATA));

const INSTANCE_METADATA = { preferredNetwork: text, preferredCache: text, aliases: listOf(text) };

export const CERTIFICATE_OPTIONS = {
  passphrase: text,
  sendX5c: flag,
  algorithm: oneOf('ps256', 'rs256'),
  thumbprint: text,
  extraClaims: text,
};

/** The contract's, without `cache-store`: a client has one store. */
export const APPLICATION_OPTIONS = {
  authorityType: oneOf('entra', 'generic', 'adfs', 'dsts', 'b2c', 'ciam', 'oidc'),
  validateAuthority: flag,
  instanceMetadata: listOf(instanceMetadata),
  allowInsecureLoopback: flag,
  region: text,
  clientCapabilities: listOf(text),
  cacheKeys: listOf(bytes),
  disableCache: flag,
  disableRetry: flag,
  appName: text,
  appVersion: text,
};
