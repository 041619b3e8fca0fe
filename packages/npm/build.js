// Makes the folder `generated` from the component and the contract:
//     node build.js [COMPONENT]
// The component is the flavour draft2-provider; by default, the file that `cargo run -p msal-artifact --example build`
// makes, or the one that the variable COMPONENT names.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
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
// Errors are thrown as the contract's records. src/component.js supplies the imports.
jco('transpile', component, '--name', 'component', '--instantiation', 'sync', '--no-component-error-wrapping',
  '--no-typescript', '--minify', '--out-dir', generated);
// Written in spite of the option, for the component's own imports.
for (const declarations of ['component.d.ts', 'interfaces']) {
  rmSync(join(generated, declarations), { recursive: true });
}
jco('types', join(root, 'wit'), '--world-name', 'consumer', '--out-dir', join(generated, 'types'));
for (const license of ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']) {
  copyFileSync(join(root, license), join(here, license));
}

function jco(...args) {
  execFileSync(join(here, 'node_modules/.bin/jco'), [...args, '--quiet'], { stdio: 'inherit' });
}
