import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ConfidentialClient, MemoryStore, MsalError } from 'msal-wasi/worker';
import { SCOPE, startEmulator } from './emulator.js';

const emulator = await startEmulator(after);
const request = { scopes: [SCOPE] };

/** A client that is closed after its test. */
function clientOf(t, options) {
  const client = new ConfidentialClient({ ...emulator.options, ...options });
  t.after(() => client.close());
  return client;
}

test('the event loop goes on during a call', async (t) => {
  await emulator.script({ action: 'normal', delay_before_headers_ms: 500 });
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 10);
  const { metadata } = await clientOf(t).acquireTokenForClient(request);
  clearInterval(timer);
  assert.equal(metadata.tokenSource, 'identity-provider');
  assert.ok(ticks >= 20, `${ticks} ticks`);
});

test('calls run one after another', async (t) => {
  await emulator.script();
  const client = clientOf(t);
  const results = await Promise.all([1, 2, 3].map(() => client.acquireTokenForClient(request)));
  assert.deepEqual(results.map((it) => it.metadata.tokenSource), ['identity-provider', 'cache', 'cache']);
  assert.equal(results[2].accessToken, results[0].accessToken);
  assert.equal((await emulator.requests()).length, 1);
});

test('an error crosses as an MsalError', async (t) => {
  const call = clientOf(t, { credential: { clientSecret: 'wrong' } }).acquireTokenForClient(request);
  const error = await call.then(assert.fail, (thrown) => thrown);
  assert.ok(error instanceof MsalError);
  assert.equal(error.code, 'invalid_client');
  assert.deepEqual(error.errorCodes, [7000215]);
});

test('the store and the assertion function may be asynchronous', async (t) => {
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
});

test('a store that fails is a warning', async (t) => {
  const store = new MemoryStore();
  store.get = async () => Promise.reject(new Error('disk on fire'));
  const { metadata } = await clientOf(t, { store }).acquireTokenForClient(request);
  assert.match(metadata.warnings.join(), /disk on fire/);
});

test('closing waits for earlier calls and refuses later ones', async () => {
  const client = new ConfidentialClient(emulator.options);
  const call = client.acquireTokenForClient(request);
  const closed = client.close();
  await assert.rejects(client.acquireTokenForClient(request), /the client is closed/);
  await closed;
  assert.equal((await call).metadata.tokenSource, 'identity-provider');
  await client.close();
  await new ConfidentialClient(emulator.options).close();
});

test('an idle client does not keep the process alive', () => {
  const code = `
    import { ConfidentialClient } from 'msal-wasi/worker';
    const [options, scope] = process.argv.slice(1);
    const client = new ConfidentialClient(JSON.parse(options));
    console.log((await client.acquireTokenForClient({ scopes: [scope] })).metadata.tokenSource);`;
  const args = ['--input-type=module', '--eval', code, JSON.stringify(emulator.options), SCOPE];
  const printed = execFileSync(process.execPath, args, { cwd: new URL('.', import.meta.url), timeout: 30_000 });
  assert.equal(printed.toString(), 'identity-provider\n');
});
