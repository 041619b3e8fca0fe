"""Gets a token twice, and then shows the error of a wrong secret."""

import os

from msal_wasi import AcquireError
from msal_wasi import ConfidentialClientApplication
from msal_wasi import SqliteStore

SCOPES = ["https://graph.microsoft.com/.default"]


def application(secret: str) -> ConfidentialClientApplication:
    store = SqliteStore(os.environ.get("TOKENS", "tokens.db"))
    return ConfidentialClientApplication(
        os.environ["AZURE_CLIENT_ID"], secret, os.environ["AZURE_AUTHORITY"], store=store
    )


for _ in range(2):
    token = application(os.environ["AZURE_CLIENT_SECRET"]).acquire_token_for_client(SCOPES)
    print(token["token_source"], token["token_type"], "expires on", token["expires_on"])

try:
    application("wrong").acquire_token_for_client(SCOPES)
except AcquireError as error:
    print(error.kind, error.details["error_codes"], error.remedy)
