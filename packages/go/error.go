package msal

import (
	"time"

	contract "msal-wasi.example/msal/internal/bindings/imports/msal_client_credentials_client_credentials"
)

// Error is why there is no token. Branch on Kind. No text has a secret.
type Error struct {
	// Kind says who can fix it: one of the constants. Stable.
	Kind string
	// Message is one line for people. May change in any release.
	Message string
	// Remedy says what to do about it, or is empty. May change in any release.
	Remedy string
	// RetryAfter is how long to wait before the next call; 0 if that is not known.
	RetryAfter time.Duration
	// Rejection is set for KindInvalidRequest and KindInvalidCredential.
	Rejection *Rejection
	// Refusal is set for KindRefused and KindThrottled.
	Refusal *Refusal
	// Metadata says how the call went. Nil if the arguments were refused before it started.
	Metadata *Metadata
}

// The kinds of errors.
const (
	KindInvalidRequest     = "invalid-request"
	KindInvalidCredential  = "invalid-credential"
	KindNotPermitted       = "not-permitted"
	KindThrottled          = "throttled"
	KindRefused            = "refused"
	KindUnreachable        = "unreachable"
	KindUnexpectedResponse = "unexpected-response"

	// Of GetToken, in addition to those above.
	KindUnknownApplication = "unknown-application"
	KindScopeNotAllowed    = "scope-not-allowed"
	KindNotConfigured      = "not-configured"
)

// Error returns the message, and the remedy if one is known.
func (err *Error) Error() string {
	if err.Remedy == "" {
		return err.Message
	}
	return err.Message + " (" + err.Remedy + ")"
}

// Rejection is an argument that cannot be used.
type Rejection struct {
	// Field is the path of the argument in the names of the contract: application.authority.
	Field string
	// Reason says what is wrong with it and how to fix it. May change in any release.
	Reason string
}

// Refusal is the authority's error response. All of it comes from the server.
type Refusal struct {
	// Status is the HTTP status.
	Status uint16
	// Code is the OAuth error code, such as invalid_client, and Suberror is Entra's, or empty.
	Code, Suberror string
	// ErrorCodes are Entra's AADSTS numbers, for display and support.
	ErrorCodes []uint32
	// Description is the server's text, or empty.
	Description string
	// Claims is a claims challenge to answer with the option Claims, unchanged, or empty.
	Claims string
	// TraceID, CorrelationID and Timestamp are for a support request, or empty.
	TraceID, CorrelationID, Timestamp string
	// Retryable says whether the same request may succeed later.
	Retryable bool
}

func newError(failure contract.AcquireError) *Error {
	err := &Error{Kind: failure.Kind, Message: failure.Message, Remedy: failure.Remedy.SomeOr("")}
	if failure.Metadata.IsSome() {
		metadata := newMetadata(failure.Metadata.Some())
		err.Metadata = &metadata
	}
	switch cause := failure.Cause; cause.Tag() {
	case contract.ErrorCause_InvalidRequest:
		err.Rejection = newRejection(cause.InvalidRequest())
	case contract.ErrorCause_InvalidCredential:
		err.Rejection = newRejection(cause.InvalidCredential())
	case contract.ErrorCause_Throttled:
		throttle := cause.Throttled()
		err.Refusal = newRefusal(throttle.Refusal)
		err.RetryAfter = time.Duration(throttle.RetryAfterSeconds) * time.Second
	case contract.ErrorCause_Refused:
		refusal := cause.Refused()
		err.Refusal = newRefusal(refusal)
		err.RetryAfter = time.Duration(refusal.RetryAfterSeconds.SomeOr(0)) * time.Second
	}
	return err
}

func newRejection(rejection contract.Rejection) *Rejection {
	return &Rejection{Field: rejection.Field, Reason: rejection.Reason}
}

func newRefusal(refusal contract.Refusal) *Refusal {
	return &Refusal{
		Status:        refusal.Status,
		Code:          refusal.Error,
		Suberror:      refusal.Suberror.SomeOr(""),
		ErrorCodes:    refusal.ErrorCodes,
		Description:   refusal.Description.SomeOr(""),
		Claims:        refusal.Claims.SomeOr(""),
		TraceID:       refusal.TraceId.SomeOr(""),
		CorrelationID: refusal.CorrelationId.SomeOr(""),
		Timestamp:     refusal.Timestamp.SomeOr(""),
		Retryable:     refusal.Retryable,
	}
}
