import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';

import { startEmulator } from './emulator.js';

const folder = new URL('..', import.meta.url);
const certificate = new URL('../../../tests/keys/rsa2048.pem', import.meta.url);
const emulator = await startEmulator(after);
const blocks = readFileSync(new URL('README.md', folder), 'utf8').split('\n```').slice(1);

for (const [index, block] of blocks.entries()) {
  const [head, ...lines] = block.split('\n');
  const code = lines.join('\n');
  const [language, file] = head.split(' file=');
  if (language === 'js') {
    const skip = code.includes('msal-wasi/async') && WebAssembly.Suspending === undefined && 'needs Node 24';
    test(`block ${index / 2 + 1} of the README prints what follows it`, { skip }, () => {
      const { clientId, authority, credential } = emulator.httpsOptions;
      const env = {
        ...process.env,
        NODE_EXTRA_CA_CERTS: emulator.certificateAuthority,
        AZURE_CLIENT_ID: clientId,
        AZURE_AUTHORITY: authority,
        AZURE_CLIENT_SECRET: credential.clientSecret,
        CERTIFICATE_FILE: certificate.pathname,
      };
      const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder, env });
      const [, expected = ''] = (blocks[index + 1].trim() === '' && blocks[index + 2].match(/^text\n([^]*)/)) || [];
      assert.equal(printed.toString().trimEnd(), expected);
    });
  } else if (file !== undefined) {
    test(`block ${index / 2 + 1} of the README is in ${file}`, () => {
      assert.ok(readFileSync(new URL(file, folder), 'utf8').includes(code));
    });
  }
}
