import { PromiseClient } from './promise-client.js';

export type { AsyncStore } from './promise-client.js';
export * from './types.js';

/** Gets tokens for an application in a worker thread. Calls of a client run one after another. */
export class ConfidentialClient extends PromiseClient {}
