package msal

import contract "msal-wasi.example/msal/internal/bindings/imports/msal_client_credentials_client_credentials"

// ApplicationOption is an option of a Client.
type ApplicationOption struct {
	value hidden[contract.ApplicationOption]
}

// AuthorityType is the kind of the authority's server. Without it, the URL determines the kind.
func AuthorityType(kind AuthorityKind) ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionAuthorityType(kind))
}

// ValidateAuthority asks Microsoft's instance discovery whether an unknown host is trusted before a credential is sent
// to it. Without it, the configured host is trusted.
func ValidateAuthority() ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionValidateAuthority())
}

// InstanceMetadata has at most 16 additional clouds, or additional names of one. Without it, only Microsoft's clouds
// are known.
func InstanceMetadata(clouds ...Cloud) ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionInstanceMetadata(clouds))
}

// AllowInsecureLoopback allows http:// for an authority on 127.0.0.1, [::1] or localhost, for tests.
func AllowInsecureLoopback() ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionAllowInsecureLoopback())
}

// Region is an Azure region such as westeurope, whose host gets the token requests. Without it, the global host does.
func Region(region string) ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionRegion(region))
}

// ClientCapabilities such as cp1 are sent with every token request.
func ClientCapabilities(capabilities ...string) ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionClientCapabilities(capabilities))
}

// CacheKeys are up to 8 keys of 32 to 1,024 bytes that encrypt the cache. The first encrypts, all decrypt. Without it,
// the key is derived from the first credential.
func CacheKeys(keys ...[]byte) ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionCacheKeys(keys))
}

// CacheStore is the key-value store to open. Without it, default.
func CacheStore(name string) ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionCacheStore(name))
}

// DisableCache neither reads nor writes the cache.
func DisableCache() ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionDisableCache())
}

// DisableRetry does not repeat a token request after a 5xx answer or a failed transport. Without it, it is repeated
// once.
func DisableRetry() ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionDisableRetry())
}

// AppName is sent as x-app-name for the authority's logs.
func AppName(name string) ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionAppName(name))
}

// AppVersion is sent as x-app-ver for the authority's logs.
func AppVersion(version string) ApplicationOption {
	return newApplicationOption(contract.MakeApplicationOptionAppVersion(version))
}

// Cloud is one cloud's token service, under all its names.
type Cloud = contract.InstanceMetadata

// AuthorityKind is the kind of an authority's server.
type AuthorityKind = contract.AuthorityType

// The kinds of servers.
const (
	Entra   AuthorityKind = contract.AuthorityType_Entra
	Generic AuthorityKind = contract.AuthorityType_Generic
	ADFS    AuthorityKind = contract.AuthorityType_Adfs
	DSTS    AuthorityKind = contract.AuthorityType_Dsts
	B2C     AuthorityKind = contract.AuthorityType_B2c
	CIAM    AuthorityKind = contract.AuthorityType_Ciam
	OIDC    AuthorityKind = contract.AuthorityType_Oidc
)

func newApplicationOption(value contract.ApplicationOption) ApplicationOption {
	return ApplicationOption{hide(value)}
}
