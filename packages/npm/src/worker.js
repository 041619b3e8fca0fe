// A client whose calls run in a worker thread, so that the event loop goes on.

import { PromiseClient } from './promise-client.js';
import { WorkerComponent } from './worker-component.js';

export { FileStore } from './file-store.js';
export { MemoryStore } from './memory-store.js';
export { MsalError } from './msal-error.js';

export class ConfidentialClient extends PromiseClient {
  constructor(options) {
    super(options, WorkerComponent);
  }
}
