// A client whose calls are suspended while they wait, so that the event loop goes on, without a thread.

import { PromiseClient } from './promise-client.js';

export { FileStore } from './file-store.js';
export { MemoryStore } from './memory-store.js';
export { MsalError } from './msal-error.js';

if (WebAssembly.Suspending === undefined) {
  throw new Error('msal-wasi/async needs Node 24 or newer; msal-wasi/worker works in Node 20');
}
const { AsyncComponent } = await import('./async-component.js');

export class ConfidentialClient extends PromiseClient {
  constructor(options) {
    super(options, AsyncComponent);
  }
}
