// The component in a worker thread. Calls wait for each other there. The store and the assertion function stay in this
// thread, where they may be asynchronous; the worker waits for them.

import { MessageChannel, Worker } from 'node:worker_threads';

export class WorkerComponent {
  #host;
  #thread;
  #calls = new Map();
  #lastId = 0;
  #closed;

  constructor(store, getAssertion) {
    this.#host = { store, getAssertion };
  }

  call(name, ...values) {
    if (this.#closed !== undefined) {
      throw new Error('the client is closed');
    }
    this.#thread ??= this.#start();
    // An idle thread does not keep the process alive.
    this.#thread.ref();
    const id = ++this.#lastId;
    this.#thread.postMessage({ id, name, values });
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  close() {
    this.#closed ??= new Promise((resolve) => {
      if (this.#thread === undefined) {
        resolve();
        return;
      }
      this.#thread.ref();
      this.#thread.once('exit', resolve);
      // The thread reads its messages in order, so it ends after the calls.
      this.#thread.postMessage({ close: true });
    });
    return this.#closed;
  }

  #start() {
    const { port1, port2 } = new MessageChannel();
    const ready = new Int32Array(new SharedArrayBuffer(4));
    const workerData = { port: port2, ready, hasAssertion: this.#host.getAssertion !== undefined };
    const thread = new Worker(new URL('./worker-thread.js', import.meta.url), {
      workerData,
      transferList: [port2],
      // Flags of the process, such as `--input-type`, may not fit the file of the thread.
      execArgv: [],
    });
    thread.on('message', (message) => this.#settle(message));
    thread.on('error', (error) => this.#abandon(thread, error));
    thread.on('exit', () => this.#abandon(thread, new Error('the worker thread ended')));
    port1.on('message', async (question) => {
      await this.#answer(question, port1);
      Atomics.store(ready, 0, 1);
      Atomics.notify(ready, 0);
    });
    port1.unref();
    return thread;
  }

  async #answer({ member, method, values }, port) {
    try {
      const target = this.#host[member];
      port.postMessage({ returned: await (method === undefined ? target(...values) : target[method](...values)) });
    } catch (error) {
      port.postMessage({ failure: String(error?.message ?? error) });
    }
  }

  #settle({ id, returned, thrown }) {
    const { resolve, reject } = this.#calls.get(id);
    this.#calls.delete(id);
    if (this.#calls.size === 0) {
      this.#thread.unref();
    }
    if (thrown === undefined) {
      resolve(returned);
    } else {
      reject(thrown);
    }
  }

  /** The next call starts another thread. */
  #abandon(thread, error) {
    if (this.#thread !== thread) {
      return;
    }
    this.#thread = undefined;
    for (const { reject } of this.#calls.values()) {
      reject(error);
    }
    this.#calls.clear();
  }
}
