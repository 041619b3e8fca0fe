package msal

import contract "msal-wasi.example/msal/internal/bindings/imports/msal_client_credentials_client_credentials"

// Token is a token and its properties.
type Token struct {
	// AccessToken is the token.
	AccessToken AccessToken
	// TokenType is Bearer, always in this spelling.
	TokenType string
	// ExpiresOn is when the token expires, in Unix seconds.
	ExpiresOn uint64
	// RefreshOn is when the authority recommends to refresh the token, in Unix seconds; 0 if it did not say so.
	RefreshOn uint64
	// Scopes are the granted ones.
	Scopes []string
	// TenantID is the token's tenant as requested; in lower case for Entra. Empty for AD FS and OIDC authorities.
	TenantID string
	// Metadata says how the token was obtained.
	Metadata Metadata
}

// AccessToken is a secret: until it expires, its holder can act as the application. Neither fmt nor encoding/json shows
// it.
type AccessToken struct{ value hidden[string] }

// Expose returns the token, to copy into an "Authorization: Bearer" header.
func (token AccessToken) Expose() string {
	if token.value == nil {
		return ""
	}
	return token.value()
}

// Metadata says how a call went, on success and on failure.
type Metadata struct {
	// TokenSource is where the token came from, or where the last attempt was made: FromIdentityProvider or FromCache.
	TokenSource string
	// CorrelationID is the client-request-id of the call. Empty if the cache served it and the request had none.
	CorrelationID string
	// TokenEndpoint is the URL that token requests of this call go to.
	TokenEndpoint string
	// CacheRefreshReason says why the cache did not serve the call.
	CacheRefreshReason CacheRefreshReason
	// RegionOutcome says whether a region was used.
	RegionOutcome RegionOutcome
	// CredentialIndex is the credential of the last token request, counted from 0; -1 if there was none.
	CredentialIndex int
	// RefreshDue says that the token should be refreshed by this caller: see DeferRefresh.
	RefreshDue bool
	// TokenRequests is how many this call sent, retries included.
	TokenRequests uint32
	// Durations in microseconds: of the call, and of the parts spent waiting for the store and for the authority.
	DurationTotalUs, DurationInCacheUs, DurationInHTTPUs uint32
	// Warnings are problems that did not stop the call. The texts may change in any release.
	Warnings []string
}

// Where a token came from.
const (
	FromIdentityProvider = "identity-provider"
	FromCache            = "cache"
)

// CacheRefreshReason says why the cache did not serve a call.
type CacheRefreshReason = contract.CacheRefreshReason

// The reasons.
const (
	NotApplicable        CacheRefreshReason = contract.CacheRefreshReason_NotApplicable
	ForceRefreshOrClaims CacheRefreshReason = contract.CacheRefreshReason_ForceRefreshOrClaims
	NoCachedAccessToken  CacheRefreshReason = contract.CacheRefreshReason_NoCachedAccessToken
	Expired              CacheRefreshReason = contract.CacheRefreshReason_Expired
	ProactivelyRefreshed CacheRefreshReason = contract.CacheRefreshReason_ProactivelyRefreshed
	CacheDisabled        CacheRefreshReason = contract.CacheRefreshReason_CacheDisabled
)

// RegionOutcome says whether a region was used.
type RegionOutcome = contract.RegionOutcome

// The outcomes.
const (
	NotRequested     RegionOutcome = contract.RegionOutcome_NotRequested
	Regional         RegionOutcome = contract.RegionOutcome_Regional
	FallbackToGlobal RegionOutcome = contract.RegionOutcome_FallbackToGlobal
)

func newToken(result contract.AuthenticationResult) *Token {
	return &Token{
		AccessToken: AccessToken{hide(result.AccessToken)},
		TokenType:   result.TokenType,
		ExpiresOn:   result.ExpiresOn,
		RefreshOn:   result.RefreshOn.SomeOr(0),
		Scopes:      result.Scopes,
		TenantID:    result.TenantId,
		Metadata:    newMetadata(result.Metadata),
	}
}

func newMetadata(metadata contract.Metadata) Metadata {
	index := -1
	if metadata.CredentialIndex.IsSome() {
		index = int(metadata.CredentialIndex.Some())
	}
	return Metadata{
		TokenSource:        metadata.TokenSourceName,
		CorrelationID:      metadata.CorrelationId.SomeOr(""),
		TokenEndpoint:      metadata.TokenEndpoint,
		CacheRefreshReason: metadata.CacheRefreshReason,
		RegionOutcome:      metadata.RegionOutcome,
		CredentialIndex:    index,
		RefreshDue:         metadata.RefreshDue,
		TokenRequests:      metadata.TokenRequests,
		DurationTotalUs:    metadata.DurationTotalUs,
		DurationInCacheUs:  metadata.DurationInCacheUs,
		DurationInHTTPUs:   metadata.DurationInHttpUs,
		Warnings:           metadata.Warnings,
	}
}
