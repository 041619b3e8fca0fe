import type { AuthenticationResult, ClientOptions, ImportReport, Store, TokenRequest } from './types.js';

export * from './types.js';

/** Gets tokens for an application. Each call blocks the thread until it ends. */
export class ConfidentialClient {
  constructor(options: ClientOptions<Store, string>);
  readonly clientId: string;
  readonly authority: string;
  /** A token from the cache while it is valid for more than 300 seconds, otherwise from the authority. */
  acquireTokenForClient(request: TokenRequest): AuthenticationResult;
  /** Removes the token of this request from the cache. */
  removeTokenForClient(request: TokenRequest): void;
  /** The cached tokens of these requests, as a cache of the MSALs in JSON. A secret. */
  exportTokenCache(requests: TokenRequest[]): string;
  /** Imports tokens from a cache of the MSALs in JSON. */
  importTokenCache(cache: string): ImportReport;
}
