package msal

import (
	wit "go.bytecodealliance.org/pkg/wit/types"
	contract "msal-wasi.example/msal/internal/bindings/imports/msal_client_credentials_client_credentials"
)

// RequestOption is an option of a call. The component refuses one that is given twice.
type RequestOption struct {
	value hidden[contract.RequestOption]
}

// Tenant is another tenant on the authority's host. Without it, the authority's tenant.
func Tenant(tenant string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionTenant(tenant))
}

// Claims is the claims challenge that a resource or the authority returned: a JSON object. The cache is not read for
// this call.
func Claims(claims string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionClaims(claims))
}

// ClaimsFromClient are the client's own claims: a JSON object, part of the cache key.
func ClaimsFromClient(claims string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionClaimsFromClient(claims))
}

// ForceRefresh does not read the cache; the new token replaces the cached one.
func ForceRefresh() RequestOption {
	return newRequestOption(contract.MakeRequestOptionForceRefresh())
}

// RefreshIfSHA256 is the SHA-256, in hexadecimal, of a token that a resource rejected, which is then not served from
// the cache.
func RefreshIfSHA256(digest string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionRefreshIfSha256(digest))
}

// CorrelationID is sent as client-request-id and shown in the sign-in logs: a GUID. Without it, a random one.
func CorrelationID(id string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionCorrelationId(id))
}

// DeadlineMs is the deadline of the whole call, retries included, in milliseconds. Without it, 30,000.
func DeadlineMs(milliseconds uint32) RequestOption {
	return newRequestOption(contract.MakeRequestOptionDeadlineMs(milliseconds))
}

// MaxWaitMs is how many milliseconds to wait for the token that another instance is requesting. Without it, two thirds
// of the deadline.
func MaxWaitMs(milliseconds uint32) RequestOption {
	return newRequestOption(contract.MakeRequestOptionMaxWaitMs(milliseconds))
}

// FMIPath is a federated managed identity path, part of the cache key.
func FMIPath(path string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionFmiPath(path))
}

// Attributes are attributes for the token: a JSON object, part of the cache key.
func Attributes(attributes string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionAttributes(attributes))
}

// AttributeTokens are signed attribute tokens, part of the cache key.
func AttributeTokens(tokens ...string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionAttributeTokens(tokens))
}

// ExtraBodyParameters are further form fields of the token request, part of the cache key.
func ExtraBodyParameters(parameters ...Parameter) RequestOption {
	return newRequestOption(contract.MakeRequestOptionExtraBodyParameters(toTuples(parameters)))
}

// ExtraQueryParameters are further query parameters of the token endpoint, part of the cache key.
func ExtraQueryParameters(parameters ...Parameter) RequestOption {
	return newRequestOption(contract.MakeRequestOptionExtraQueryParameters(toTuples(parameters)))
}

// ExtraHeaders are further headers of the token request, not part of the cache key.
func ExtraHeaders(headers ...Parameter) RequestOption {
	return newRequestOption(contract.MakeRequestOptionExtraHeaders(toTuples(headers)))
}

// MinimumValiditySeconds serves a cached token only if it is valid for more than this many seconds. Without it, 300, or
// half of a lifetime under 10 minutes.
func MinimumValiditySeconds(seconds uint32) RequestOption {
	return newRequestOption(contract.MakeRequestOptionMinimumValiditySeconds(seconds))
}

// DeferRefresh returns a cached token at once, with RefreshDue set, if it is due for a refresh and this caller is
// chosen for it: call again with ForceRefresh after you have sent your response. Without it, the chosen caller
// refreshes the token before it returns.
func DeferRefresh() RequestOption {
	return newRequestOption(contract.MakeRequestOptionDeferRefresh())
}

// RequestSendX5C says whether to send the certificate chain with this request. Without it, the certificate's options
// decide.
func RequestSendX5C(send bool) RequestOption {
	return newRequestOption(contract.MakeRequestOptionSendX5c(send))
}

// ExtraAssertionClaims are further claims to sign in this request's assertion: a JSON object, part of the cache key.
func ExtraAssertionClaims(claims string) RequestOption {
	return newRequestOption(contract.MakeRequestOptionExtraAssertionClaims(claims))
}

// Parameter is a form field, a query parameter or a header.
type Parameter struct {
	Name  string
	Value string
}

func newRequestOption(value contract.RequestOption) RequestOption { return RequestOption{hide(value)} }

func toTuples(parameters []Parameter) []wit.Tuple2[string, string] {
	tuples := make([]wit.Tuple2[string, string], 0, len(parameters))
	for _, parameter := range parameters {
		tuples = append(tuples, wit.Tuple2[string, string]{F0: parameter.Name, F1: parameter.Value})
	}
	return tuples
}
