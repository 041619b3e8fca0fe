// Package msal gets Microsoft Entra access tokens for an application itself, in a WebAssembly component that is
// composed with the msal-wasi component. README.md shows how.
package msal

import (
	"strings"

	contract "msal-wasi.example/msal/internal/bindings/imports/msal_client_credentials_client_credentials"
)

// Client is an application registered in the directory, and how it authenticates. It has no state: the cache is in the
// host's key-value store.
type Client struct {
	// ClientID is the application (client) ID.
	ClientID string
	// Authority is a tenant ID or verified domain in Entra's public cloud, or an authority URL, https://HOST/TENANT.
	Authority string
	// Credential is how the application authenticates.
	Credential Credential
	// FurtherCredentials are for a rotation: the next is tried if the authority answers invalid_client, or if a
	// credential cannot be used.
	FurtherCredentials []Credential
	// Options are normally empty. The component refuses an option that is given twice.
	Options []ApplicationOption
}

// AcquireTokenForClient returns an access token: from the cache while it is valid for more than 300 seconds, otherwise
// from the authority. The call blocks the component's instance for at most 30 seconds, or as DeadlineMs says. An error
// is an *Error.
//
// Entra accepts one scope, such as https://graph.microsoft.com/.default. For other servers, separate scopes by spaces.
func (client Client) AcquireTokenForClient(scope string, options ...RequestOption) (*Token, error) {
	result := contract.AcquireTokenForClient(client.toContract(), toRequest(scope, options))
	if result.IsErr() {
		return nil, newError(result.Err())
	}
	return newToken(result.Ok()), nil
}

// RemoveTokenForClient removes the token that AcquireTokenForClient would return for the same arguments from the cache.
// The token stays valid until it expires.
func (client Client) RemoveTokenForClient(scope string, options ...RequestOption) error {
	result := contract.RemoveTokenForClient(client.toContract(), toRequest(scope, options))
	if result.IsErr() {
		return newError(result.Err())
	}
	return nil
}

// ExportTokenCache returns the cached tokens for these requests as JSON, in the unified cache schema of the MSALs. The
// text contains the tokens: treat it as a secret.
func (client Client) ExportTokenCache(requests ...Request) (string, error) {
	result := contract.ExportTokenCache(client.toContract(), reveal(requests))
	if result.IsErr() {
		return "", newError(result.Err())
	}
	return result.Ok(), nil
}

// ImportTokenCache imports tokens from a cache in the unified schema of the MSALs, at most 1 MiB of JSON.
func (client Client) ImportTokenCache(cache string) (ImportReport, error) {
	result := contract.ImportTokenCache(client.toContract(), cache)
	if result.IsErr() {
		return ImportReport{}, newError(result.Err())
	}
	return result.Ok(), nil
}

// ImportReport is the result of an import: how many tokens were imported, and how many entries were skipped.
type ImportReport = contract.ImportReport

// Request is a scope and its options, for ExportTokenCache.
type Request struct{ value hidden[contract.TokenRequest] }

// NewRequest has the arguments of AcquireTokenForClient.
func NewRequest(scope string, options ...RequestOption) Request {
	return Request{hide(toRequest(scope, options))}
}

func (client Client) toContract() contract.Application {
	return contract.Application{
		ClientId:    client.ClientID,
		Authority:   client.Authority,
		Credentials: reveal(append([]Credential{client.Credential}, client.FurtherCredentials...)),
		Options:     reveal(client.Options),
	}
}

func toRequest(scope string, options []RequestOption) contract.TokenRequest {
	return contract.TokenRequest{Scopes: strings.Fields(scope), Options: reveal(options)}
}
