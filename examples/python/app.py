"""Gets a token for each request and answers with what is known about it, never with the token."""

import json
import os

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import client_credentials as msal
from wit_world.imports.types import Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam


def acquire() -> msal.AuthenticationResult:
    application = msal.Application(
        client_id=os.environ["AZURE_CLIENT_ID"],
        authority=os.environ["AZURE_AUTHORITY"],
        credentials=[msal.Credential_Secret(os.environ["AZURE_CLIENT_SECRET"])],
        options=[msal.ApplicationOption_AllowInsecureLoopback()],
    )
    request = msal.TokenRequest(scopes=["https://graph.microsoft.com/.default"], options=[])
    return msal.acquire_token_for_client(application, request)


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        try:
            token = acquire()
            source = token.metadata.token_source_name
            answer(response_out, 200, {"token_source": source, "expires_on": token.expires_on})
        except Err as error:
            failure = error.value
            answer(response_out, 502, {"kind": failure.kind, "message": failure.message})


def answer(response_out: ResponseOutparam, status: int, content: dict) -> None:
    response = OutgoingResponse(Fields.from_list([("content-type", b"application/json")]))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    with body.write() as stream:
        stream.blocking_write_and_flush(json.dumps(content).encode())
    OutgoingBody.finish(body, None)
