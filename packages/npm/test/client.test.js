import assert from 'node:assert/strict';
import { X509Certificate, createHash, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { inspect } from 'node:util';

import { ConfidentialClient, MemoryStore, MsalError } from 'msal-wasi';
import { SCOPE, startEmulator } from './emulator.js';

const emulator = await startEmulator(after);
const key = (name) => readFileSync(new URL(`../../../tests/keys/${name}`, import.meta.url));
const request = { scopes: [SCOPE] };

function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('the second token comes from the cache', async () => {
  await emulator.script();
  const client = new ConfidentialClient(emulator.options);
  const first = client.acquireTokenForClient(request);
  const second = client.acquireTokenForClient(request);
  assert.equal(first.metadata.tokenSource, 'identity-provider');
  assert.equal(second.metadata.tokenSource, 'cache');
  assert.equal(second.accessToken, first.accessToken);
  assert.equal((await emulator.requests()).length, 1);
  const now = Date.now() / 1000;
  assert.ok(first.expiresOn > now && first.expiresOn < now + 86_400);
});

test('clients share a store, and each has an empty one by default', () => {
  const source = (store) =>
    new ConfidentialClient({ ...emulator.options, store }).acquireTokenForClient(request).metadata.tokenSource;
  const store = new MemoryStore();
  assert.equal(source(store), 'identity-provider');
  assert.equal(source(store), 'cache');
  assert.equal(source(undefined), 'identity-provider');
});

test('a removed token is requested again', () => {
  const client = new ConfidentialClient(emulator.options);
  client.acquireTokenForClient(request);
  client.removeTokenForClient(request);
  assert.equal(client.acquireTokenForClient(request).metadata.tokenSource, 'identity-provider');
});

test('options reach the authority and the cache', async () => {
  await emulator.script({ action: 'token' });
  const client = new ConfidentialClient({ ...emulator.options, appName: 'tests', clientCapabilities: ['cp1'] });
  const correlationId = '0b1c2d3e-0000-4000-8000-000000000001';
  const special = { ...request, correlationId, extraBodyParameters: { colour: 'blue' }, extraHeaders: { 'x-a': 'b' } };
  assert.equal(client.acquireTokenForClient(special).metadata.correlationId, correlationId);
  const [{ form, headers }] = await emulator.requests();
  assert.equal(form.colour, 'blue');
  assert.match(form.claims, /cp1/);
  const sent = Object.fromEntries(headers);
  assert.deepEqual([sent['x-a'], sent['x-app-name'], sent['client-request-id']], ['b', 'tests', correlationId]);
  const source = (forceRefresh) => client.acquireTokenForClient({ ...special, forceRefresh }).metadata.tokenSource;
  assert.deepEqual([undefined, false, true].map(source), ['cache', 'cache', 'identity-provider']);
});

test('an exported cache can be imported', () => {
  const first = new ConfidentialClient(emulator.options);
  const { accessToken } = first.acquireTokenForClient(request);
  const second = new ConfidentialClient(emulator.options);
  assert.deepEqual(second.importTokenCache(first.exportTokenCache([request])), { imported: 1, skipped: 0 });
  const hit = second.acquireTokenForClient(request);
  assert.equal(hit.metadata.tokenSource, 'cache');
  assert.equal(hit.accessToken, accessToken);
});

test('a wrong secret is an MsalError with the answer of the authority', () => {
  const client = new ConfidentialClient({ ...emulator.options, credential: { clientSecret: 'wrong' } });
  const error = thrownBy(() => client.acquireTokenForClient(request));
  assert.ok(error instanceof MsalError && error instanceof Error);
  assert.equal(error.kind, 'refused');
  assert.equal(error.code, 'invalid_client');
  assert.equal(error.status, 401);
  assert.deepEqual(error.errorCodes, [7000215]);
  assert.equal(error.retryable, false);
  assert.match(error.message, /AADSTS7000215/);
  assert.match(error.remedy, /secret's value/);
});

test('the delay of a throttled call is a number', async () => {
  await emulator.script({ status: 429, headers: { 'Retry-After': '17' }, body: 'Too Many Requests' });
  const client = new ConfidentialClient(emulator.options);
  const error = thrownBy(() => client.acquireTokenForClient(request));
  assert.equal(error.kind, 'throttled');
  assert.equal(error.retryAfterSeconds, 17);
});

test('an argument that the component refuses is named', () => {
  const client = new ConfidentialClient({ ...emulator.options, authority: 'common' });
  const error = thrownBy(() => client.acquireTokenForClient(request));
  assert.equal(error.kind, 'invalid-request');
  assert.equal(error.code, 'not-allowed');
  assert.equal(error.field, 'application.authority');
});

test('neither printing nor JSON shows a secret', () => {
  const { clientSecret } = emulator.options.credential;
  const store = new MemoryStore();
  const client = new ConfidentialClient({ ...emulator.options, store });
  const result = client.acquireTokenForClient(request);
  const error = thrownBy(() => client.acquireTokenForClient({ scopes: ['openid'] }));
  const printed = [client, store, result, error].flatMap((it) => [
    inspect(it, { depth: 9 }),
    JSON.stringify(it),
    String(it),
  ]);
  for (const secret of [clientSecret, result.accessToken]) {
    assert.ok(!printed.some((text) => text.includes(secret)));
  }
  assert.equal(JSON.parse(JSON.stringify(error)).message, error.message);
  assert.equal(JSON.parse(JSON.stringify(result)).expiresOn, result.expiresOn);
});

for (const [form, certificate] of [
  ['PEM', { pem: key('rsa2048.pem').toString(), algorithm: 'rs256' }],
  ['PKCS#12', { pkcs12: key('rsa2048.empty-passphrase.pfx'), algorithm: 'rs256', sendX5c: true }],
]) {
  test(`a certificate in ${form} signs the assertion`, async () => {
    await emulator.script({ action: 'token' });
    const client = new ConfidentialClient({ ...emulator.options, credential: { certificate } });
    assert.equal(client.acquireTokenForClient(request).metadata.tokenSource, 'identity-provider');
    assert.equal(client.acquireTokenForClient(request).metadata.tokenSource, 'cache');
    const [sent] = await emulator.requests();
    const [header, payload, signature] = sent.form.client_assertion.split('.');
    const { publicKey } = new X509Certificate(key('rsa2048.certificate.pem'));
    assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url')));
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    assert.equal(claims.iss, emulator.options.clientId);
    assert.equal('x5c' in JSON.parse(Buffer.from(header, 'base64url')), certificate.sendX5c === true);
  });
}

test('a function makes an assertion for each token request', async () => {
  const cacheKeys = [createHash('sha256').update('cache').digest()];
  const requested = [];
  const assertion = (it) => `e30.e30.${requested.push(it)}`;
  const client = new ConfidentialClient({ ...emulator.options, cacheKeys, credential: { assertion } });
  await emulator.script({ action: 'token' });
  client.acquireTokenForClient(request);
  client.acquireTokenForClient(request);
  const [sent] = await emulator.requests();
  assert.equal(sent.form.client_assertion, 'e30.e30.1');
  assert.equal(requested.length, 1);
  assert.equal(requested[0].clientId, emulator.options.clientId);
});

test('a function that fails or returns a promise is an invalid credential', () => {
  const fail = () => {
    throw new Error('the metadata service is down');
  };
  for (const [assertion, reason] of [
    [fail, /metadata service is down/],
    [async () => 'jwt', /msal-wasi\/worker/],
  ]) {
    const client = new ConfidentialClient({ ...emulator.options, credential: { assertion } });
    const error = thrownBy(() => client.acquireTokenForClient(request));
    assert.equal(error.kind, 'invalid-credential');
    assert.equal(error.code, 'provider-failed');
    assert.match(error.message, reason);
  }
});

test('d05: a connection that is reset before the answer is retried once', async () => {
  await emulator.script({ action: 'reset' }, { action: 'normal' });
  const { metadata } = new ConfidentialClient(emulator.options).acquireTokenForClient(request);
  assert.equal(metadata.tokenSource, 'identity-provider');
  assert.equal(metadata.tokenRequests, 2);
  assert.deepEqual(
    (await emulator.requests()).map((it) => it.answer_status),
    [null, 200],
  );

  await emulator.script({ action: 'reset' }, { action: 'reset' });
  const error = thrownBy(() => new ConfidentialClient(emulator.options).acquireTokenForClient(request));
  assert.equal(error.kind, 'unreachable');
  assert.equal((await emulator.requests()).length, 2);
});

test('d05: an answer that breaks off is an error, and is not repeated', async () => {
  await emulator.script({ status: 200, body: ' '.repeat(5000), cut_after: 3000 });
  const error = thrownBy(() => new ConfidentialClient(emulator.options).acquireTokenForClient(request));
  assert.equal(error.kind, 'unexpected-response');
  assert.equal((await emulator.requests()).length, 1);
});

test('a store that gets a token itself does not disturb the call', () => {
  const inner = new ConfidentialClient(emulator.options);
  const store = new (class extends MemoryStore {
    get(name) {
      inner.acquireTokenForClient(request);
      return super.get(name);
    }
  })();
  const client = new ConfidentialClient({ ...emulator.options, store });
  client.acquireTokenForClient(request);
  assert.equal(client.acquireTokenForClient(request).metadata.tokenSource, 'cache');
});
