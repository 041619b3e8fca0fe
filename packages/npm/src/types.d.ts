// The types that both entries share. Names and meanings are those of the contract, in camel case.

import type {
  AuthenticationResult as ContractResult,
  AuthorityType,
  ImportReport,
  InstanceMetadata,
  Metadata as ContractMetadata,
  Refusal,
  RejectionCode,
  SigningAlgorithm,
} from '../generated/types/interfaces/msal-client-credentials-client-credentials.js';

export type { AuthorityType, ImportReport, InstanceMetadata, RejectionCode, SigningAlgorithm };

/** An application and how it authenticates. A value of another shape is a `TypeError` that names it. */
export interface ClientOptions<S, A> extends ApplicationOptions {
  /** The application (client) ID. */
  clientId: string;
  /** A tenant ID or domain in Entra's public cloud, or an authority URL, `https://HOST/TENANT`. */
  authority: string;
  /** Normally one. Several, at most 8, during a rotation: the one that works is tried first from then on. */
  credential: Credential<A> | Credential<A>[];
  /** Where tokens are cached, encrypted. By default, a `MemoryStore` of this client. */
  store?: S;
}

export interface ApplicationOptions {
  /** The kind of the authority's server, if the URL does not determine it. */
  authorityType?: AuthorityType;
  /** Ask Microsoft whether an unknown host is trusted before a credential is sent to it. */
  validateAuthority?: boolean;
  /** Additional clouds, or additional names of one. */
  instanceMetadata?: InstanceMetadata[];
  /** Allow `http://` for an authority on this machine, for tests. */
  allowInsecureLoopback?: boolean;
  /** An Azure region, such as `westeurope`. */
  region?: string;
  /** Client capabilities, such as `cp1`. */
  clientCapabilities?: string[];
  /** Keys of 32 to 1,024 bytes that encrypt the cache. By default, the key is derived from the first credential. */
  cacheKeys?: Uint8Array[];
  /** Neither read nor write the cache. */
  disableCache?: boolean;
  /** Do not repeat a token request after a 5xx answer or a failed transport. */
  disableRetry?: boolean;
  /** The application's name, for the authority's logs. */
  appName?: string;
  /** The application's version, for the authority's logs. */
  appVersion?: string;
}

export type Credential<A> =
  | { clientSecret: string }
  | { certificate: Certificate }
  /**
   * A client assertion, which is sent once, or a function that makes one for each token request. A cache hit calls no
   * function. Tokens are cached only with `cacheKeys`. The message of an exception is shown in the error.
   */
  | { assertion: string | ((request: AssertionRequest) => A) };

/** A certificate and its RSA private key: either `pem` or `pkcs12`. */
export type Certificate = CertificateOptions & ({ pem: string } | { pkcs12: Uint8Array });

export interface CertificateOptions {
  /** Decrypts the key or the file. */
  passphrase?: string;
  /** Send the certificate chain in every assertion. */
  sendX5c?: boolean;
  /** By default `ps256`, or `rs256` where the server demands it. */
  algorithm?: SigningAlgorithm;
  /** The expected thumbprint, SHA-1 or SHA-256, in hexadecimal. A certificate with another one is refused. */
  thumbprint?: string;
  /** Further claims of every assertion: a JSON object. */
  extraClaims?: string;
}

/** What an assertion is for. */
export interface AssertionRequest {
  clientId: string;
  tenantId: string;
  tokenEndpoint: string;
  claims?: string;
  clientCapabilities: string[];
  fmiPath?: string;
  correlationId: string;
  /** Milliseconds left for the assertion. */
  remainingMs: number;
}

export interface TokenRequest extends RequestOptions {
  /** For Entra exactly one, such as `https://graph.microsoft.com/.default`. */
  scopes: string[];
}

export interface RequestOptions {
  /** Another tenant on the authority's host. */
  tenant?: string;
  /** A claims challenge: the JSON object that a resource or the authority returned. */
  claims?: string;
  /** The client's own claims, part of the cache key: a JSON object. */
  claimsFromClient?: string;
  /** Do not read the cache; the new token replaces the cached one. */
  forceRefresh?: boolean;
  /** The SHA-256, in hexadecimal, of a token that a resource rejected. */
  refreshIfSha256?: string;
  /** Shown in the sign-in logs: a GUID. */
  correlationId?: string;
  /** The deadline of the whole call. By default 30,000. */
  deadlineMs?: number;
  /** How long to wait for a token that another caller is requesting. By default two thirds of the deadline. */
  maxWaitMs?: number;
  /** A federated managed identity path. */
  fmiPath?: string;
  /** Attributes for the token: a JSON object. */
  attributes?: string;
  /** Signed attribute tokens. */
  attributeTokens?: string[];
  /** Further form fields of the token request, part of the cache key. */
  extraBodyParameters?: Record<string, string>;
  /** Further query parameters of the token endpoint, part of the cache key. */
  extraQueryParameters?: Record<string, string>;
  /** Further headers of the token request. */
  extraHeaders?: Record<string, string>;
  /** Serve a cached token only if it is valid for more than this. By default 300. */
  minimumValiditySeconds?: number;
  /** Return a token that is due for a refresh at once, with `metadata.refreshDue`. */
  deferRefresh?: boolean;
  /** Whether to send the certificate chain with this request. */
  sendX5c?: boolean;
  /** Further claims of this request's assertion: a JSON object. */
  extraAssertionClaims?: string;
}

/** Times are whole seconds since 1970. */
export interface AuthenticationResult extends Omit<ContractResult, 'expiresOn' | 'refreshOn' | 'metadata'> {
  /** A secret. It is not enumerable: `console.log`, `JSON.stringify` and `{ ...result }` leave it out. */
  readonly accessToken: string;
  expiresOn: number;
  refreshOn?: number;
  metadata: Metadata;
}

export type Metadata = Omit<ContractMetadata, 'tokenSourceName'>;

/** The results of a store's methods: what they return is `T` or, for an asynchronous store, a promise of it. */
export interface StoreOf<Value, Nothing, Count> {
  get(key: string): Value;
  set(key: string, value: Uint8Array): Nothing;
  delete(key: string): Nothing;
  /** Adds one to the counter of this name, which begins with 0, and returns its new value. `delete` removes it too. */
  increment(key: string): Count;
}

/** A key-value store. Keys are made of `a-z`, `0-9` and `-`. An exception is a warning and counts as an empty store. */
export type Store = StoreOf<Uint8Array | null | undefined, void, number>;

/** A store in this process. */
export class MemoryStore implements Store {
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;
  increment(key: string): number;
}

/** A store in a folder, for the processes of a machine. Only its owner can read it. */
export class FileStore implements Store {
  constructor(folder: string);
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;
  increment(key: string): number;
}

/** Why there is no token. Branch on `kind` or `code`; texts for people may change. None contains a secret. */
export class MsalError extends Error implements Partial<Omit<Refusal, 'error' | 'errorCodes'>> {
  private constructor();
  name: 'MsalError';
  /** Who can fix it. */
  kind:
    | 'invalid-request'
    | 'invalid-credential'
    | 'not-permitted'
    | 'throttled'
    | 'refused'
    | 'unreachable'
    | 'unexpected-response';
  /** The authority's `error`, such as `invalid_client`; an argument's `RejectionCode`; otherwise the same as `kind`. */
  code: string;
  /** What to do about it, if known. */
  remedy?: string;
  /** How the call went, unless the arguments were refused before. */
  metadata?: Metadata;
  /** Why, for people, unless the authority says so in `description`. */
  reason?: string;
  /** The argument that cannot be used, in the names of the contract: `application.authority`. */
  field?: string;
  /** The HTTP status. */
  status?: number;
  suberror?: string;
  /** AADSTS numbers, for display and support. Do not branch on them. */
  errorCodes?: number[];
  /** The authority's text. */
  description?: string;
  /** A claims challenge, to answer with the option `claims`. */
  claims?: string;
  traceId?: string;
  correlationId?: string;
  timestamp?: string;
  /** Seconds to wait before the next call. */
  retryAfterSeconds?: number;
  /** Whether the same request may succeed later. */
  retryable?: boolean;
  toJSON(): object;
}
