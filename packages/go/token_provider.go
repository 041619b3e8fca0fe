package msal

import (
	"time"

	wit "go.bytecodealliance.org/pkg/wit/types"
	contract "msal-wasi.example/msal/internal/bindings/imports/msal_client_credentials_token_provider"
)

// GetToken returns an access token for one scope, for code that holds no credential: the applications, their
// credentials and the scopes that callers may ask for are configured by the host's operator. An error is an *Error;
// treat one of an unknown kind as permanent.
//
// application is the name of a configured application, or empty for the default application.
func GetToken(scope, application string) (*ProvidedToken, error) {
	name := wit.None[string]()
	if application != "" {
		name = wit.Some(application)
	}
	result := contract.GetToken(scope, name)
	if result.IsErr() {
		failure := result.Err()
		wait := time.Duration(failure.RetryAfterSeconds.SomeOr(0)) * time.Second
		return nil, &Error{Kind: failure.Code, Message: failure.Message, RetryAfter: wait}
	}
	token := result.Ok()
	return &ProvidedToken{AccessToken{hide(token.AccessToken)}, token.ExpiresOn}, nil
}

// ProvidedToken is a token of GetToken.
type ProvidedToken struct {
	// AccessToken is the token.
	AccessToken AccessToken
	// ExpiresOn is when the token expires, in Unix seconds.
	ExpiresOn uint64
}
