// The project's emulator of Entra's token endpoint, in another process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const host = process.env.MSAL_HOST ?? fileURLToPath(new URL('../../../target/debug/msal-host', import.meta.url));

export const SCOPE = 'https://graph.microsoft.com/.default';

/** Starts the emulator, and stops it after the tests of the file. */
export async function startEmulator(after) {
  const folder = mkdtempSync(join(tmpdir(), 'msal-wasi-emulator-'));
  const certificateAuthority = join(folder, 'ca.pem');
  const args = ['emulator', '--ca-certificate-out', certificateAuthority];
  const process = spawn(host, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  after(async () => {
    process.kill();
    await once(process, 'exit');
    rmSync(folder, { recursive: true });
  });
  const says = {};
  for await (const line of createInterface({ input: process.stdout })) {
    const [name, value] = line.split(/ {2,}/);
    says[name] = value;
    if (name === 'secret') {
      return new Emulator(says, certificateAuthority);
    }
  }
  throw new Error(`${host} emulator did not start`);
}

class Emulator {
  #http;

  constructor({ http, https, tenant, client, secret }, certificateAuthority) {
    this.#http = http;
    const application = { clientId: client, credential: { clientSecret: secret } };
    /** The arguments of a client that gets tokens. */
    this.options = { ...application, authority: `${http}/${tenant}`, allowInsecureLoopback: true };
    /** The same for a process that trusts `certificateAuthority`, a file. */
    this.httpsOptions = { ...application, authority: `${https}/${tenant}` };
    this.certificateAuthority = certificateAuthority;
  }

  /** The answers to the next token requests, which are forgotten. */
  async script(...answers) {
    await this.#control('requests', { method: 'DELETE' });
    await this.#control('script', { method: 'POST', body: JSON.stringify({ answers }) });
  }

  /** The requests since the last script. Each had a new connection. */
  async requests() {
    const requests = await (await this.#control('requests')).json();
    return requests.map(({ form, ...request }) => ({ ...request, form: Object.fromEntries(form) }));
  }

  async #control(route, init) {
    const response = await fetch(`${this.#http}/_emulator/${route}`, init);
    if (!response.ok) {
      throw new Error(`${route}: ${await response.text()}`);
    }
    return response;
  }
}
