// The clients whose calls return promises: the worker, and the one over JSPI, which only Node 24 and newer have.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { MemoryStore, MsalError } from 'msal-wasi';
import { SCOPE, startEmulator } from './emulator.js';

const emulator = await startEmulator(after);
const request = { scopes: [SCOPE] };
const hasJspi = WebAssembly.Suspending !== undefined;

for (const entry of ['worker', ...(hasJspi ? ['async'] : [])]) {
  const { ConfidentialClient } = await import(`msal-wasi/${entry}`);

  /** A client that is closed after its test. */
  const clientOf = (t, options) => {
    const client = new ConfidentialClient({ ...emulator.options, ...options });
    t.after(() => client.close());
    return client;
  };

  test(`${entry}: the event loop goes on during a call`, async (t) => {
    await emulator.script({ action: 'normal', delay_before_headers_ms: 500 });
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 10);
    const { metadata } = await clientOf(t).acquireTokenForClient(request);
    clearInterval(timer);
    assert.equal(metadata.tokenSource, 'identity-provider');
    assert.ok(ticks >= 20, `${ticks} ticks`);
  });

  test(`${entry}: many calls at once make one token request`, async (t) => {
    await emulator.script();
    const client = clientOf(t);
    const results = await Promise.all(Array.from({ length: 50 }, () => client.acquireTokenForClient(request)));
    assert.deepEqual(new Set(results.map((it) => it.accessToken)).size, 1);
    assert.equal(results.filter((it) => it.metadata.tokenSource === 'cache').length, 49);
    assert.equal((await emulator.requests()).length, 1);
  });

  test(`${entry}: an error is an MsalError`, async (t) => {
    const call = clientOf(t, { credential: { clientSecret: 'wrong' } }).acquireTokenForClient(request);
    const error = await call.then(assert.fail, (thrown) => thrown);
    assert.ok(error instanceof MsalError);
    assert.equal(error.code, 'invalid_client');
    assert.deepEqual(error.errorCodes, [7000215]);
  });

  test(`${entry}: the other functions of the contract`, async (t) => {
    const [first, second] = [clientOf(t), clientOf(t)];
    await first.acquireTokenForClient(request);
    assert.deepEqual(await second.importTokenCache(await first.exportTokenCache([request])), {
      imported: 1,
      skipped: 0,
    });
    assert.equal((await second.acquireTokenForClient(request)).metadata.tokenSource, 'cache');
    await second.removeTokenForClient(request);
    assert.equal((await second.acquireTokenForClient(request)).metadata.tokenSource, 'identity-provider');
  });

  test(`${entry}: the store and the assertion function may be asynchronous`, async (t) => {
    const values = new MemoryStore();
    const names = ['get', 'set', 'delete', 'increment'];
    const store = Object.fromEntries(
      names.map((name) => [name, async (...args) => (await sleep(1), values[name](...args))]),
    );
    const credential = { assertion: async () => (await sleep(1), 'e30.e30.e30') };
    const cacheKeys = [createHash('sha256').update('cache').digest()];
    const client = clientOf(t, { store, credential, cacheKeys });
    await emulator.script({ action: 'token' });
    assert.equal((await client.acquireTokenForClient(request)).metadata.tokenSource, 'identity-provider');
    assert.equal((await client.acquireTokenForClient(request)).metadata.tokenSource, 'cache');
    assert.equal((await emulator.requests())[0].form.client_assertion, 'e30.e30.e30');
  });

  test(`${entry}: a store that fails is a warning, and a function that fails is an error`, async (t) => {
    const fail = async () => Promise.reject(new Error('disk on fire'));
    const store = Object.assign(new MemoryStore(), { get: fail });
    const { metadata } = await clientOf(t, { store }).acquireTokenForClient(request);
    assert.match(metadata.warnings.join(), /disk on fire/);
    const client = clientOf(t, { credential: { assertion: fail } });
    await assert.rejects(client.acquireTokenForClient(request), { code: 'provider-failed', message: /disk on fire/ });
  });

  test(`${entry}: closing waits for earlier calls and refuses later ones`, async () => {
    const client = new ConfidentialClient(emulator.options);
    const call = client.acquireTokenForClient(request);
    const closed = client.close();
    await assert.rejects(client.acquireTokenForClient(request), /the client is closed/);
    await closed;
    assert.equal((await call).metadata.tokenSource, 'identity-provider');
    await client.close();
    await new ConfidentialClient(emulator.options).close();
  });

  test(`${entry}: an idle client does not keep the process alive`, () => {
    const code = `
      import { ConfidentialClient } from 'msal-wasi/${entry}';
      const [options, scope] = process.argv.slice(1);
      const client = new ConfidentialClient(JSON.parse(options));
      console.log((await client.acquireTokenForClient({ scopes: [scope] })).metadata.tokenSource);`;
    const args = ['--input-type=module', '--eval', code, JSON.stringify(emulator.options), SCOPE];
    const printed = execFileSync(process.execPath, args, { cwd: new URL('.', import.meta.url), timeout: 8_000 });
    assert.equal(printed.toString(), 'identity-provider\n');
  });

  test(`${entry}: d05: a connection that is reset before the answer is retried once`, async (t) => {
    await emulator.script({ action: 'reset' }, { action: 'normal' });
    const { metadata } = await clientOf(t).acquireTokenForClient(request);
    assert.equal(metadata.tokenRequests, 2);
    assert.deepEqual(
      (await emulator.requests()).map((it) => it.answer_status),
      [null, 200],
    );
    await emulator.script({ action: 'reset' }, { action: 'reset' });
    await assert.rejects(clientOf(t).acquireTokenForClient(request), { kind: 'unreachable' });
    assert.equal((await emulator.requests()).length, 2);
  });

  for (const [fault, answer] of [
    ['a redirect is not followed', { status: 302, headers: { Location: 'http://127.0.0.1/' }, body: '' }],
    ['a body without end is cut off', { status: 200, body: '{', endless: true }],
    ['a body that breaks off is an error', { status: 200, body: ' '.repeat(5000), cut_after: 3000 }],
  ]) {
    test(`${entry}: ${fault}`, async (t) => {
      await emulator.script(answer);
      await assert.rejects(clientOf(t).acquireTokenForClient(request), { kind: 'unexpected-response' });
      assert.equal((await emulator.requests()).length, 1);
    });
  }

  test(`${entry}: a server that is silent is ended by the deadline`, async (t) => {
    const server = createServer((socket) => socket.unref().on('error', () => {})).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const authority = `http://127.0.0.1:${server.address().port}/contoso.onmicrosoft.com`;
    const call = clientOf(t, { authority }).acquireTokenForClient({ ...request, deadlineMs: 1000 });
    await assert.rejects(call, { kind: 'unreachable' });
  });

  test(`${entry}: a server that cannot be trusted, or is not there, is unreachable`, async (t) => {
    await assert.rejects(clientOf(t, emulator.httpsOptions).acquireTokenForClient(request), { kind: 'unreachable' });
    const authority = 'http://127.0.0.1:1/contoso.onmicrosoft.com';
    await assert.rejects(clientOf(t, { authority }).acquireTokenForClient(request), { kind: 'unreachable' });
  });
}

test('worker: a value that cannot be sent to the thread is a warning', async (t) => {
  const { ConfidentialClient } = await import('msal-wasi/worker');
  const store = Object.assign(new MemoryStore(), { get: () => () => {} });
  const client = new ConfidentialClient({ ...emulator.options, store });
  t.after(() => client.close());
  assert.match((await client.acquireTokenForClient(request)).metadata.warnings.join(), /could not be cloned/);
});

test('async: a hit does not wait for a token request', { skip: !hasJspi && 'needs Node 24' }, async (t) => {
  const { ConfidentialClient } = await import('msal-wasi/async');
  await emulator.script();
  const client = new ConfidentialClient(emulator.options);
  t.after(() => client.close());
  await client.acquireTokenForClient(request);
  await emulator.script({ action: 'normal', delay_before_headers_ms: 1000 });
  const miss = client.acquireTokenForClient({ scopes: ['api://demo/.default'] });
  const first = await Promise.race([miss, client.acquireTokenForClient(request)]);
  assert.equal(first.metadata.tokenSource, 'cache');
  assert.equal((await miss).metadata.tokenSource, 'identity-provider');
});

test('async: the error of an older Node names the worker', { skip: hasJspi && 'this Node has JSPI' }, async () => {
  await assert.rejects(import('msal-wasi/async'), /needs Node 24 or newer; msal-wasi\/worker works in Node 20/);
});
