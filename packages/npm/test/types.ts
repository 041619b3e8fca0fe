// Compiled only: the API as a TypeScript program sees it, and its options against those of the contract.

import { ConfidentialClient, FileStore, MsalError } from 'msal-wasi';
import type { ApplicationOptions, CertificateOptions, RequestOptions, Store } from 'msal-wasi';
import { ConfidentialClient as AsyncClient } from 'msal-wasi/async';
import { ConfidentialClient as WorkerClient } from 'msal-wasi/worker';
import type { AsyncStore } from 'msal-wasi/worker';
import type * as contract from '../generated/types/interfaces/msal-client-credentials-client-credentials.js';

type Camel<Name> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name & string;
type Same<A, B> = [A, B] extends [B, A] ? true : never;

export const names: [
  Same<keyof ApplicationOptions, Exclude<Camel<contract.ApplicationOption['tag']>, 'cacheStore'>>,
  Same<keyof CertificateOptions, Camel<contract.CertificateOption['tag']>>,
  Same<keyof RequestOptions, Camel<contract.RequestOption['tag']>>,
] = [true, true, true];

const credential = { clientSecret: 'secret' };
const client = new ConfidentialClient({
  clientId: 'id',
  authority: 'tenant',
  credential,
  store: new FileStore('cache'),
});
export const expiry: number = client.acquireTokenForClient({
  scopes: ['api://demo/.default'],
  forceRefresh: true,
}).expiresOn;
export const wait = (error: unknown): number => (error instanceof MsalError && error.retryAfterSeconds) || 0;

declare const store: Store;
declare const asyncStore: AsyncStore;
new WorkerClient({
  clientId: 'id',
  authority: 'tenant',
  credential: { assertion: async () => 'jwt' },
  store: asyncStore,
});
new AsyncClient({ clientId: 'id', authority: 'tenant', credential: [credential], store });
// @ts-expect-error: calls that block need a store that does not return promises
new ConfidentialClient({ clientId: 'id', authority: 'tenant', credential, store: asyncStore });
// @ts-expect-error: an unknown option
client.acquireTokenForClient({ scopes: [], forceRefesh: true });
