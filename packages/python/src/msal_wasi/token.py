"""What a call returns."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from typing import Literal
from typing import TypedDict

TokenSource = Literal["identity-provider", "cache"]


class Metadata(TypedDict):
    """How a call went."""

    token_source: TokenSource
    cache_refresh_reason: str
    correlation_id: str | None
    token_endpoint: str
    region_outcome: str
    credential_index: int | None
    refresh_due: bool
    token_requests: int
    duration_total_us: int
    duration_in_cache_us: int
    duration_in_http_us: int
    warnings: list[str]


class Token(TypedDict):
    """An access token and its properties. Times are Unix seconds."""

    access_token: str
    token_type: str
    expires_on: int
    expires_in: int
    refresh_on: int | None
    scopes: list[str]
    tenant_id: str
    token_source: TokenSource
    metadata: Metadata


class ImportReport(TypedDict):
    """How many tokens of a cache were imported, and how many entries were skipped."""

    imported: int
    skipped: int


def to_token(result: Mapping[str, Any]) -> Token:
    """The contract's `authentication-result`."""
    fields = to_plain(result)
    metadata = to_metadata(result["metadata"])
    return Token(
        access_token=fields["access_token"],
        token_type=fields["token_type"],
        expires_on=fields["expires_on"],
        expires_in=max(0, fields["expires_on"] - int(time.time())),
        refresh_on=fields["refresh_on"],
        scopes=fields["scopes"],
        tenant_id=fields["tenant_id"],
        token_source=metadata["token_source"],
        metadata=metadata,
    )


def to_metadata(record: Mapping[str, Any]) -> Metadata:
    """The contract's `metadata`."""
    fields = to_plain(record)
    del fields["token_source_name"]
    metadata: Metadata = fields
    return metadata


def to_plain(value: Any) -> Any:
    """Records with Python's names."""
    if isinstance(value, dict):
        return {name.replace("-", "_"): to_plain(item) for name, item in value.items()}
    return value
