// The project's emulator of Entra's token endpoint, in a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const host = process.env.MSAL_HOST ?? fileURLToPath(new URL('../../../target/debug/msal-host', import.meta.url));

export const SCOPE = 'https://graph.microsoft.com/.default';

/** Starts the emulator, and stops it after the tests of the file. */
export async function startEmulator(after) {
  const process = spawn(host, ['emulator'], { stdio: ['ignore', 'pipe', 'inherit'] });
  after(async () => {
    process.kill();
    await once(process, 'exit');
  });
  const says = {};
  for await (const line of createInterface({ input: process.stdout })) {
    const [name, value] = line.split(/ {2,}/);
    says[name] = value;
    if (name === 'secret') {
      return new Emulator(says);
    }
  }
  throw new Error(`${host} emulator did not start`);
}

class Emulator {
  #http;
  /** The arguments of a client that gets tokens. */
  options;

  constructor({ http, tenant, client, secret }) {
    this.#http = http;
    this.options = {
      clientId: client,
      authority: `${http}/${tenant}`,
      credential: { clientSecret: secret },
      allowInsecureLoopback: true,
    };
  }

  /** The answers to the next token requests, which are forgotten. */
  async script(...answers) {
    await this.#control('requests', { method: 'DELETE' });
    await this.#control('script', { method: 'POST', body: JSON.stringify({ answers }) });
  }

  /** The requests since the last script. Each had a connection of its own. */
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
