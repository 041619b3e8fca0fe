// Each flavour of the component, through jco. The package contains one of them, and an engine for JavaScript runs none
// with wide arithmetic.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { monotonicClock, wallClock } from '@bytecodealliance/preview2-shim/clocks';
import { outgoingHandler, types } from '@bytecodealliance/preview2-shim/http';
import { error, poll, streams } from '@bytecodealliance/preview2-shim/io';
import { random } from '@bytecodealliance/preview2-shim/random';

import { MemoryStore } from 'msal-wasi';
import { toApplication } from '../src/application.js';
import { assertionProvider, blocking, keyvalue } from '../src/imports.js';
import { SCOPE, startEmulator } from './emulator.js';

const FLAVOURS = [
  'draft2',
  'draft2-store-only',
  'draft2-provider',
  'draft',
  'draft-store-only',
  'draft-provider',
  'memory',
];
const components = process.env.COMPONENTS;
const skip = components === undefined && 'COMPONENTS names no folder with the components';

const emulator = await startEmulator(after);
const { application } = toApplication(emulator.options);
const request = { scopes: [SCOPE], options: [] };

for (const flavour of FLAVOURS) {
  test(`${flavour} gets a token, and the second from its store`, { skip }, async () => {
    await emulator.script();
    const { acquireTokenForClient } = await instantiate(flavour);
    const sources = [1, 2].map(() => acquireTokenForClient(application, request).metadata.tokenSource);
    assert.deepEqual(sources, ['identity-provider', 'cache']);
    assert.equal((await emulator.requests()).length, 1);
  });
}

/** The exports of an instance with a store of its own. */
async function instantiate(flavour) {
  // Below this package, where what jco writes finds the shim.
  const folder = mkdtempSync(fileURLToPath(new URL('../generated/flavour-', import.meta.url)));
  try {
    const component = join(components, `msal-client-credentials-${flavour}.wasm`);
    const jco = fileURLToPath(new URL('../node_modules/.bin/jco', import.meta.url));
    const options = ['--name', 'component', '--instantiation', 'sync', '--no-typescript', '--quiet', '--out-dir', folder];
    execFileSync(process.execPath, [jco, 'transpile', component, ...options], { stdio: 'inherit' });
    const { instantiate } = await import(pathToFileURL(join(folder, 'component.js')));
    const store = new MemoryStore();
    const compile = (name) => new WebAssembly.Module(readFileSync(join(folder, name)));
    return instantiate(compile, {
      'wasi:clocks/monotonic-clock': monotonicClock,
      'wasi:clocks/wall-clock': wallClock,
      'wasi:http/outgoing-handler': outgoingHandler,
      'wasi:http/types': types,
      'wasi:io/error': error,
      'wasi:io/poll': poll,
      'wasi:io/streams': streams,
      'wasi:random/random': random,
      ...keyvalue(() => store, blocking),
      ...assertionProvider(() => assert.fail, blocking),
    }).clientCredentials;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
