import type { AuthenticationResult, ClientOptions, ImportReport, StoreOf, TokenRequest } from './types.js';

type Awaitable<T> = T | Promise<T>;

/** A store whose methods may be asynchronous. */
export type AsyncStore = StoreOf<Awaitable<Uint8Array | null | undefined>, Awaitable<void>, Awaitable<number>>;

export class PromiseClient {
  constructor(options: ClientOptions<AsyncStore, Awaitable<string>>);
  readonly clientId: string;
  readonly authority: string;
  /** A token from the cache while it is valid for more than 300 seconds, otherwise from the authority. */
  acquireTokenForClient(request: TokenRequest): Promise<AuthenticationResult>;
  /** Removes the token of this request from the cache. */
  removeTokenForClient(request: TokenRequest): Promise<void>;
  /** The cached tokens of these requests, as a cache of the MSALs in JSON. A secret. */
  exportTokenCache(requests: TokenRequest[]): Promise<string>;
  /** Imports tokens from a cache of the MSALs in JSON. */
  importTokenCache(cache: string): Promise<ImportReport>;
  /** Refuses further calls, and resolves after the earlier ones have ended. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
