// A store in a folder, for the processes of a machine.

import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { text } from './shape.js';

export class FileStore {
  #folder;

  constructor(folder) {
    this.#folder = resolve(text(folder, 'folder'));
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  get(key) {
    return unless('ENOENT', () => readFileSync(this.#path(key)));
  }

  /** Readers see the old value or the new one, never a part. */
  set(key, value) {
    const path = this.#path(key);
    const temporary = this.#temporary();
    try {
      writeFileSync(temporary, value, { flag: 'wx', mode: 0o600 });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  delete(key) {
    rmSync(this.#path(key), { force: true });
    // Renamed first, so that no other process counts on in a folder that is about to go.
    const temporary = this.#temporary();
    unless('ENOENT', () => renameSync(this.#counter(key), temporary));
    rmSync(temporary, { recursive: true, force: true });
  }

  /** Each number is a file that only one process can create. */
  increment(key) {
    const counter = this.#counter(key);
    for (;;) {
      mkdirSync(counter, { recursive: true, mode: 0o700 });
      const numbers = unless('ENOENT', () => readdirSync(counter)) ?? [];
      const next = 1 + numbers.reduce((largest, number) => Math.max(largest, Number(number)), 0);
      try {
        closeSync(openSync(join(counter, String(next)), 'wx', 0o600));
        return next;
      } catch (error) {
        // Another process took the number, or deleted the counter.
        if (error.code !== 'EEXIST' && error.code !== 'ENOENT') {
          throw error;
        }
      }
    }
  }

  #path(key) {
    if (!/^[a-z0-9-]{1,128}$/.test(key)) {
      throw new TypeError('key must be 1 to 128 of the characters a-z, 0-9 and -');
    }
    return join(this.#folder, key);
  }

  #counter(key) {
    return `${this.#path(key)}.counter`;
  }

  #temporary() {
    return join(this.#folder, `${randomUUID()}.tmp`);
  }
}

/** What the function returns; `undefined` if it fails with this code. */
function unless(code, operation) {
  try {
    return operation();
  } catch (error) {
    if (error.code !== code) {
      throw error;
    }
    return undefined;
  }
}
