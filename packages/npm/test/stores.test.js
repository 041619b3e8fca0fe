import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';

import { ConfidentialClient, FileStore, MemoryStore } from 'msal-wasi';
import { SCOPE, startEmulator } from './emulator.js';

const emulator = await startEmulator(after);
const request = { scopes: [SCOPE] };

const base = mkdtempSync(join(tmpdir(), 'msal-wasi-'));
after(() => rmSync(base, { recursive: true }));
let folders = 0;
const newFolder = () => join(base, `${(folders += 1)}`, 'cache');

/** Runs the code in processes that begin together, and returns what each prints. */
async function inProcesses(count, code, ...args) {
  const run = promisify(execFile);
  const runs = Array.from({ length: count }, () =>
    run(process.execPath, ['--input-type=module', '--eval', code, ...args], { cwd: new URL('.', import.meta.url) }),
  );
  return (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout));
}

for (const [name, create] of [
  ['memory', () => new MemoryStore()],
  ['file', () => new FileStore(newFolder())],
]) {
  test(`a ${name} store keeps values and counters until they are deleted`, () => {
    const store = create();
    assert.equal(store.get('a'), undefined);
    store.set('a', Uint8Array.of(1, 2));
    store.set('a', Uint8Array.of(3));
    assert.deepEqual([...store.get('a')], [3]);
    assert.deepEqual([store.increment('a'), store.increment('a'), store.increment('b')], [1, 2, 1]);
    assert.deepEqual([...store.get('a')], [3]);
    store.delete('a');
    store.delete('a');
    assert.equal(store.get('a'), undefined);
    assert.equal(store.increment('a'), 1);
    assert.equal(store.increment('b'), 2);
  });
}

test('a file store is for its owner alone, and leaves no temporary file', () => {
  const folder = newFolder();
  const store = new FileStore(folder);
  new ConfidentialClient({ ...emulator.options, store }).acquireTokenForClient(request);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const names = readdirSync(folder);
  assert.ok(names.length > 0);
  for (const name of names) {
    assert.match(name, /^mt\d-[a-z2-7]{52}(\.counter)?$/);
    assert.equal(statSync(join(folder, name)).mode & 0o077, 0);
  }
});

test('a key of a file store cannot leave its folder', () => {
  const store = new FileStore(newFolder());
  for (const key of ['', '..', '../a', 'a/b', 'a\0', 'A', 'a'.repeat(129)]) {
    assert.throws(() => store.get(key), TypeError);
    assert.throws(() => store.set(key, Uint8Array.of()), TypeError);
    assert.throws(() => store.delete(key), TypeError);
    assert.throws(() => store.increment(key), TypeError);
  }
});

test('two processes with one file store make one token request', async () => {
  await emulator.script({ action: 'normal', delay_before_headers_ms: 1000 });
  const code = `
    import { ConfidentialClient, FileStore } from 'msal-wasi';
    const [folder, options, scope] = process.argv.slice(1);
    const client = new ConfidentialClient({ ...JSON.parse(options), store: new FileStore(folder) });
    console.log(JSON.stringify(client.acquireTokenForClient({ scopes: [scope] }).metadata));`;
  const calls = await inProcesses(2, code, newFolder(), JSON.stringify(emulator.options), SCOPE);
  assert.deepEqual(calls.map((it) => it.tokenSource).sort(), ['cache', 'identity-provider']);
  assert.deepEqual(
    calls.flatMap((it) => it.warnings),
    [],
  );
  assert.equal((await emulator.requests()).length, 1);
});

test('processes that count together get each number once', async () => {
  const code = `
    import { FileStore } from 'msal-wasi';
    const store = new FileStore(process.argv[1]);
    console.log(JSON.stringify(Array.from({ length: 200 }, () => store.increment('a'))));`;
  const numbers = (await inProcesses(3, code, newFolder())).flat().sort((a, b) => a - b);
  assert.deepEqual(
    numbers,
    Array.from({ length: 600 }, (_, index) => index + 1),
  );
});

test('a store that fails costs a token request and is a warning', () => {
  const store = new MemoryStore();
  store.get = () => {
    throw new Error('disk on fire');
  };
  const client = new ConfidentialClient({ ...emulator.options, store });
  const { metadata } = client.acquireTokenForClient(request);
  assert.equal(metadata.tokenSource, 'identity-provider');
  assert.match(metadata.warnings.join(), /cannot read the key-value store: disk on fire/);
});

test('an asynchronous store is refused by a client that blocks', () => {
  const store = { get: async () => undefined, set: async () => {}, delete: async () => {}, increment: async () => 1 };
  const client = new ConfidentialClient({ ...emulator.options, store });
  assert.match(client.acquireTokenForClient(request).metadata.warnings.join(), /not a promise/);
});
