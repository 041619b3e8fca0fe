import { PromiseClient } from './promise-client.js';

export type { AsyncStore } from './promise-client.js';
export * from './types.js';

/** Gets tokens for an application in this thread, which goes on while a call waits. Needs Node 24 or newer. */
export class ConfidentialClient extends PromiseClient {}
