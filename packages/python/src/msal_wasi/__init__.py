"""Microsoft Entra access tokens for the application itself, from the msal-wasi component.

Does what MSAL's `acquire_token_for_client` does, with an encrypted token cache in a store that processes can share.
Has no user sign-in, user token cache or token validation.
"""

from .acquire_error import AcquireError
from .application import ConfidentialClientApplication
from .credential import ClientCredential
from .options import ApplicationOptions
from .options import RequestOptions
from .sqlite_store import SqliteStore
from .store import MemoryStore
from .store import Store
from .token import ImportReport
from .token import Metadata
from .token import Token

__all__ = [
    "AcquireError",
    "ApplicationOptions",
    "ClientCredential",
    "ConfidentialClientApplication",
    "ImportReport",
    "MemoryStore",
    "Metadata",
    "RequestOptions",
    "SqliteStore",
    "Store",
    "Token",
]
