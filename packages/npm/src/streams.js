// wasi:io/streams: bytes to be sent, which are collected, and a body as it arrives.

import { Pollable } from './pollable.js';

/** wasi:io/error. */
export class IoError {
  constructor(cause) {
    this.cause = cause;
  }
}

export class OutputStream {
  chunks = [];

  checkWrite() {
    return 1n << 20n;
  }

  write(chunk) {
    this.chunks.push(chunk);
  }

  flush() {}

  subscribe() {
    return new Pollable(Promise.resolve());
  }
}

export class InputStream {
  #reader;
  #arrived = new Uint8Array();
  #arriving;
  #end;

  constructor(body) {
    this.#reader = body.getReader();
  }

  read(length) {
    if (this.#arrived.length === 0 && this.#end !== undefined) {
      throw this.#end;
    }
    const part = this.#arrived.subarray(0, Number(length));
    this.#arrived = this.#arrived.subarray(part.length);
    return part;
  }

  subscribe() {
    if (this.#arrived.length > 0 || this.#end !== undefined) {
      return new Pollable(Promise.resolve());
    }
    this.#arriving ??= this.#fill();
    return new Pollable(this.#arriving);
  }

  async #fill() {
    try {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.#end = { tag: 'closed' };
      } else {
        this.#arrived = value;
      }
    } catch (error) {
      this.#end = { tag: 'last-operation-failed', val: new IoError(error) };
    }
    this.#arriving = undefined;
  }

  /** Ends the connection unless the whole body has arrived. */
  [Symbol.dispose]() {
    this.#reader.cancel().catch(() => {});
  }
}
