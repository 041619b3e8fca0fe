// Makes the folder `generated` from the component and the contract:
//     node build.js [COMPONENT]
// The component is the flavour draft2-provider; by default, the file that `cargo run -p msal-artifact --example build`
// makes, or the one that the variable COMPONENT names.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const flavour = 'msal-client-credentials-draft2-provider.wasm';
const component = process.argv[2] ?? process.env.COMPONENT ?? join(target, 'component', flavour);

if (!existsSync(component)) {
  throw new Error(`${component} does not exist: run cargo run -p msal-artifact --example build ${flavour}`);
}
if (!readFileSync(component).includes('msal:client-credentials/assertion-provider@')) {
  throw new Error(`${component} is another flavour than draft2-provider: it imports no assertion-provider`);
}

const generated = join(here, 'generated');
rmSync(generated, { recursive: true, force: true });
transpile('component');
const contract = 'msal:client-credentials';
const imports = [
  'wasi:io/poll@0.2.6#poll',
  'wasi:keyvalue/atomics@0.2.0-draft2#increment',
  ...['get', 'set', 'delete'].map((name) => `wasi:keyvalue/store@0.2.0-draft2#[method]bucket.${name}`),
  `${contract}/assertion-provider@0.1.0#get-assertion`,
];
const exports = ['acquire-token-for-client', 'remove-token-for-client', 'export-token-cache', 'import-token-cache'];
transpile(
  'async-component',
  '--async-mode',
  'jspi',
  '--async-imports',
  ...imports,
  '--async-exports',
  ...exports.map((name) => `${contract}/client-credentials@0.1.0#${name}`),
);
jco('types', join(root, 'wit'), '--world-name', 'consumer', '--out-dir', join(generated, 'types'));
for (const license of ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']) {
  copyFileSync(join(root, license), join(here, license));
}

/** Writes NAME.js and the core modules. Errors are thrown as the contract's records; src/ supplies the imports. */
function transpile(name, ...options) {
  const folder = join(generated, name);
  jco(
    'transpile',
    component,
    '--name',
    'component',
    '--instantiation',
    'sync',
    '--no-component-error-wrapping',
    '--no-typescript',
    '--minify',
    '--out-dir',
    folder,
    ...options,
  );
  renameSync(join(folder, 'component.js'), join(generated, `${name}.js`));
  // The same for both.
  for (const file of readdirSync(folder).filter((it) => it.endsWith('.wasm'))) {
    renameSync(join(folder, file), join(generated, file));
  }
  rmSync(folder, { recursive: true });
}

function jco(...args) {
  execFileSync(join(here, 'node_modules/.bin/jco'), [...args, '--quiet'], { stdio: 'inherit' });
}
