// Package export_wasi_http_incoming_handler gets a token for each request and answers with what is known about it, never
// with the token. The generated bindings call it by this name.
package export_wasi_http_incoming_handler

import (
	"encoding/json"
	"os"

	wit "go.bytecodealliance.org/pkg/wit/types"
	msal "wit_component/msal_client_credentials_client_credentials"
	http "wit_component/wasi_http_types"
)

func acquire() wit.Result[msal.AuthenticationResult, msal.AcquireError] {
	application := msal.Application{
		ClientId:    os.Getenv("AZURE_CLIENT_ID"),
		Authority:   os.Getenv("AZURE_AUTHORITY"),
		Credentials: []msal.Credential{msal.MakeCredentialSecret(os.Getenv("AZURE_CLIENT_SECRET"))},
		Options:     []msal.ApplicationOption{msal.MakeApplicationOptionAllowInsecureLoopback()},
	}
	request := msal.TokenRequest{Scopes: []string{"https://graph.microsoft.com/.default"}}
	return msal.AcquireTokenForClient(application, request)
}

// Handle answers one request.
func Handle(_ *http.IncomingRequest, out *http.ResponseOutparam) {
	if result := acquire(); result.IsOk() {
		token := result.Ok()
		source := token.Metadata.TokenSourceName
		answer(out, 200, map[string]any{"token_source": source, "expires_on": token.ExpiresOn})
	} else {
		failure := result.Err()
		answer(out, 502, map[string]any{"kind": failure.Kind, "message": failure.Message})
	}
}

func answer(out *http.ResponseOutparam, status uint16, content map[string]any) {
	headers := http.MakeFields()
	headers.Append("content-type", []byte("application/json"))
	response := http.MakeOutgoingResponse(headers)
	response.SetStatusCode(status)
	body := response.Body().Ok()
	http.ResponseOutparamSet(out, wit.Ok[*http.OutgoingResponse, http.ErrorCode](response))
	stream := body.Write().Ok()
	text, _ := json.Marshal(content)
	stream.BlockingWriteAndFlush(text)
	stream.Drop()
	http.OutgoingBodyFinish(body, wit.None[*http.Fields]())
}
