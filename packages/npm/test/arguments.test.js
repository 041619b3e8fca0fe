import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ConfidentialClient } from 'msal-wasi';
import { ConfidentialClient as WorkerClient } from 'msal-wasi/worker';
import { APPLICATION_OPTIONS, CERTIFICATE_OPTIONS } from '../src/application.js';
import { REQUEST_OPTIONS } from '../src/request.js';

const options = { clientId: 'id', authority: 'contoso.onmicrosoft.com', credential: { clientSecret: 'secret' } };

const constructors = [
  [undefined, 'the argument must be an object, not undefined'],
  [{}, 'clientId is missing'],
  [{ ...options, clientId: 5 }, 'clientId must be a string, not a number'],
  [{ ...options, authority: null }, 'authority must be a string, not null'],
  [{ ...options, credential: 'secret' }, 'credential must be an object, not a string'],
  [{ ...options, credential: {} }, 'credential must have exactly one of clientSecret, certificate, assertion'],
  [
    { ...options, credential: [{ secret: 's' }] },
    'credential[0].secret is unknown: the names are clientSecret, certificate, assertion',
  ],
  [
    { ...options, credential: { certificate: { pem: Buffer.of() } } },
    'credential.certificate.pem must be a string, not an object',
  ],
  [{ ...options, credential: { certificate: {} } }, 'credential.certificate must have exactly one of pem, pkcs12'],
  [{ ...options, region: ['westeurope'] }, 'region must be a string, not an array'],
  [{ ...options, disableCache: 'no' }, 'disableCache must be true or false, not a string'],
  [{ ...options, authorityType: 'azure' }, 'authorityType must be one of entra, generic, adfs, dsts, b2c, ciam, oidc'],
  [{ ...options, cacheKeys: ['key'] }, 'cacheKeys[0] must be a Uint8Array, not a string'],
  [{ ...options, instanceMetadata: [{ aliases: [] }] }, 'instanceMetadata[0].preferredNetwork is missing'],
  [{ ...options, store: new Map() }, 'store.increment must be a function, not undefined'],
];

const requests = [
  [undefined, 'the argument must be an object, not undefined'],
  [{}, 'scopes is missing'],
  [{ scopes: 'https://graph.microsoft.com/.default' }, 'scopes must be an array, not a string'],
  [{ scopes: [5] }, 'scopes[0] must be a string, not a number'],
  [{ scopes: [], forceRefesh: true }, /^forceRefesh is unknown: the names are scopes, tenant, /],
  [{ scopes: [], deadlineMs: 1.5 }, 'deadlineMs must be a whole number from 0 to 4294967295'],
  [{ scopes: [], extraHeaders: { a: 1 } }, 'extraHeaders.a must be a string, not a number'],
];

for (const [kind, Client] of Object.entries({ blocking: ConfidentialClient, worker: WorkerClient })) {
  test(`the ${kind} client names an argument of a wrong shape`, async () => {
    for (const [argument, message] of constructors) {
      assert.throws(() => new Client(argument), { name: 'TypeError', message });
    }
    const client = new Client(options);
    for (const [argument, message] of requests) {
      await assert.rejects(async () => client.acquireTokenForClient(argument), { name: 'TypeError', message });
    }
    await assert.rejects(async () => client.exportTokenCache([{}]), { message: 'requests[0].scopes is missing' });
    await assert.rejects(async () => client.importTokenCache({}), { message: 'cache must be a string, not an object' });
  });
}

test('the options are those of the contract', () => {
  const path = '../generated/types/interfaces/msal-client-credentials-client-credentials.d.ts';
  const contract = readFileSync(new URL(path, import.meta.url), 'utf8');
  const named = (type) =>
    Array.from(contract.matchAll(new RegExp(`interface ${type}\\w+ {[^}]*?tag: '([a-z0-9-]+)'`, 'g')), ([, tag]) =>
      tag.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase()),
    );
  assert.deepEqual(Object.keys(APPLICATION_OPTIONS), named('ApplicationOption').filter((name) => name !== 'cacheStore'));
  assert.deepEqual(Object.keys(CERTIFICATE_OPTIONS), named('CertificateOption'));
  assert.deepEqual(Object.keys(REQUEST_OPTIONS), named('RequestOption'));
});
