// Package export_wasi_http_incoming_handler gets a token for each request and answers with what is known about it, never
// with the token. The generated bindings call it by this name.
package export_wasi_http_incoming_handler

import (
	"encoding/json"
	"errors"
	"os"

	wit "go.bytecodealliance.org/pkg/wit/types"
	"msal-wasi.example/msal"
	http "wit_component/wasi_http_types"
)

// Handle answers one request.
func Handle(_ *http.IncomingRequest, out *http.ResponseOutparam) {
	client := msal.Client{
		ClientID:   os.Getenv("AZURE_CLIENT_ID"),
		Authority:  os.Getenv("AZURE_AUTHORITY"),
		Credential: msal.Secret(os.Getenv("AZURE_CLIENT_SECRET")),
		Options:    []msal.ApplicationOption{msal.AllowInsecureLoopback()},
	}
	token, err := client.AcquireTokenForClient("https://graph.microsoft.com/.default")
	if failure := (*msal.Error)(nil); errors.As(err, &failure) {
		answer(out, 502, map[string]any{"kind": failure.Kind, "message": failure.Message})
		return
	}
	source := token.Metadata.TokenSource
	answer(out, 200, map[string]any{"token_source": source, "expires_on": token.ExpiresOn})
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
