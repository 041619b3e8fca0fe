package msal

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestNoVerbAndNoEncoderShowsASecret(t *testing.T) {
	text := "hush"
	client := Client{
		Credential: Secret(text),
		FurtherCredentials: []Credential{
			PEM(text, Passphrase(text)),
			PKCS12([]byte(text)),
			Assertion(text),
		},
		Options: []ApplicationOption{CacheKeys([]byte(text))},
	}
	request := NewRequest("scope", AttributeTokens(text))
	token := &Token{AccessToken: AccessToken{hide(text)}}
	hidden := struct{ token AccessToken }{token.AccessToken}
	for _, value := range []any{client, client.Credential, request, token, *token, token.AccessToken, hidden} {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s %q", value, value, value, value, value), string(encoded)} {
			if strings.Contains(shown, text) || strings.Contains(shown, "[104 117 115 104]") {
				t.Error(shown)
			}
		}
	}
	if token.AccessToken.Expose() != text {
		t.Error("Expose")
	}
}

func TestAnErrorEndsWithTheRemedy(t *testing.T) {
	for err, expected := range map[*Error]string{
		{Message: "no answer"}:                        "no answer",
		{Message: "no answer", Remedy: "retry later"}: "no answer (retry later)",
	} {
		if err.Error() != expected {
			t.Error(err)
		}
	}
}
