"""Why there is no token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .token import Metadata
from .token import to_metadata
from .token import to_plain


class AcquireError(Exception):
    """The contract's `acquire-error`. Branch on `kind`; texts may change. No attribute has a secret."""

    def __init__(
        self,
        kind: str,
        message: str,
        remedy: str | None = None,
        retry_after: int | None = None,
        details: Mapping[str, Any] | None = None,
        metadata: Metadata | None = None,
    ) -> None:
        # All arguments, so that the exception can be pickled.
        super().__init__(kind, message, remedy, retry_after, details, metadata)
        #: `invalid-request`, `invalid-credential`, `not-permitted`, `throttled`, `refused`, `unreachable` or
        #: `unexpected-response`.
        self.kind = kind
        #: One line for people.
        self.message = message
        #: What to do about it, if known.
        self.remedy = remedy
        #: Seconds to wait before the next call, if known.
        self.retry_after = retry_after
        #: The contract's record of this kind, such as `field` and `reason`, or `error`, `error_codes` and `claims`.
        self.details: Mapping[str, Any] = details or {}
        #: How the call went; `None` if the arguments were refused before it started.
        self.metadata = metadata

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


def to_error(record: Mapping[str, Any]) -> AcquireError:
    """The contract's `acquire-error`."""
    payload = to_plain(record["cause"].payload)
    details = payload if isinstance(payload, dict) else {"reason": payload}
    # A throttled request has the authority's refusal, too.
    details = {**details.pop("refusal", {}), **details}
    metadata = record["metadata"]
    return AcquireError(
        record["kind"],
        record["message"],
        record["remedy"],
        details.get("retry_after_seconds"),
        details,
        None if metadata is None else to_metadata(metadata),
    )
