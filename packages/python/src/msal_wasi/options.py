"""The options of an application and of a request: their names in Python, and the contract's variants."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Literal
from typing import TypedDict

from .values import U32
from .values import Case
from .values import Enum

AuthorityType = Literal["entra", "generic", "adfs", "dsts", "b2c", "ciam", "oidc"]


class InstanceMetadata(TypedDict):
    """One cloud's token service, under all its names."""

    preferred_network: str
    preferred_cache: str
    aliases: Sequence[str]


class ApplicationOptions(TypedDict, total=False):
    """Options of an application. The contract, `client-credentials.wit`, describes each."""

    authority_type: AuthorityType
    validate_authority: bool
    instance_metadata: Sequence[InstanceMetadata]
    allow_insecure_loopback: bool
    azure_region: str
    client_capabilities: Sequence[str]
    cache_keys: Sequence[bytes]
    disable_cache: bool
    disable_retry: bool
    app_name: str
    app_version: str


class RequestOptions(TypedDict, total=False):
    """Options of a request. The contract, `client-credentials.wit`, describes each."""

    tenant: str
    claims_challenge: str
    claims_from_client: str
    force_refresh: bool
    refresh_if_sha256: str
    correlation_id: str
    deadline_ms: int
    max_wait_ms: int
    fmi_path: str
    attributes: str
    attribute_tokens: Sequence[str]
    extra_body_parameters: Mapping[str, str]
    extra_query_parameters: Mapping[str, str]
    extra_headers: Mapping[str, str]
    minimum_validity_seconds: int
    defer_refresh: bool
    send_x5c: bool
    extra_assertion_claims: str


def application_options(options: Mapping[str, Any]) -> list[Case]:
    """The contract's `list<application-option>`."""
    return _to_cases("ConfidentialClientApplication", _APPLICATION_OPTIONS, options)


def request_options(options: Mapping[str, Any]) -> list[Case]:
    """The contract's `list<request-option>`."""
    return _to_cases("the request", _REQUEST_OPTIONS, options)


def to_text(name: str, value: object) -> str:
    """Checks a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} contains a lone surrogate, which UTF-8 cannot encode") from None
    return value


def to_texts(name: str, value: object) -> list[str]:
    """Checks a list of strings. A single string, which is a sequence of strings too, is refused."""
    return [to_text(f"{name}[{index}]", item) for index, item in enumerate(_sequence(name, value, "str"))]


Check = Callable[[str, object], object]


def _to_cases(owner: str, known: Mapping[str, tuple[str, Check | None]], options: Mapping[str, Any]) -> list[Case]:
    cases = []
    for name, value in options.items():
        if name not in known:
            raise TypeError(f"{owner} has no option {name}; there are {', '.join(known)}")
        tag, check = known[name]
        if value is None:
            continue
        if check is not None:
            cases.append(Case(tag, check(name, value)))
        elif _to_bool(name, value):
            cases.append(Case(tag))
    return cases


def _to_bool(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")
    return value


def _to_u32(name: str, value: object) -> U32:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not 0 <= value < 1 << 32:
        raise ValueError(f"{name} must be between 0 and {(1 << 32) - 1}")
    return U32(value)


def _to_pairs(name: str, value: object) -> list[tuple[str, str]]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping of str to str, not {type(value).__name__}")
    return [(to_text(f"a name in {name}", key), to_text(f"{name}[{key!r}]", item)) for key, item in value.items()]


def _to_keys(name: str, value: object) -> list[bytes]:
    keys = _sequence(name, value, "bytes")
    for index, key in enumerate(keys):
        if not isinstance(key, bytes):
            raise TypeError(f"{name}[{index}] must be bytes, not {type(key).__name__}")
    return list(keys)


def _to_authority_type(name: str, value: object) -> Enum:
    if to_text(name, value) not in AuthorityType.__args__:  # type: ignore[attr-defined]
        raise ValueError(f"{name} must be one of {', '.join(AuthorityType.__args__)}")  # type: ignore[attr-defined]
    return Enum(value)


def _to_clouds(name: str, value: object) -> list[dict[str, Any]]:
    return [_to_cloud(f"{name}[{index}]", cloud) for index, cloud in enumerate(_sequence(name, value, "mappings"))]


def _to_cloud(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping) or set(value) != set(InstanceMetadata.__annotations__):
        raise TypeError(f"{name} must be a mapping with exactly {', '.join(InstanceMetadata.__annotations__)}")
    return {
        "preferred-network": to_text(f"{name}['preferred_network']", value["preferred_network"]),
        "preferred-cache": to_text(f"{name}['preferred_cache']", value["preferred_cache"]),
        "aliases": to_texts(f"{name}['aliases']", value["aliases"]),
    }


def _sequence(name: str, value: object, of: str) -> Sequence[Any]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise TypeError(f"{name} must be a list of {of}, not {type(value).__name__}")
    return value


# The case of the contract, and the check of its payload. A case without one is a flag.
_APPLICATION_OPTIONS: dict[str, tuple[str, Check | None]] = {
    "authority_type": ("authority-type", _to_authority_type),
    "validate_authority": ("validate-authority", None),
    "instance_metadata": ("instance-metadata", _to_clouds),
    "allow_insecure_loopback": ("allow-insecure-loopback", None),
    "azure_region": ("region", to_text),
    "client_capabilities": ("client-capabilities", to_texts),
    "cache_keys": ("cache-keys", _to_keys),
    "disable_cache": ("disable-cache", None),
    "disable_retry": ("disable-retry", None),
    "app_name": ("app-name", to_text),
    "app_version": ("app-version", to_text),
}

_REQUEST_OPTIONS: dict[str, tuple[str, Check | None]] = {
    "tenant": ("tenant", to_text),
    "claims_challenge": ("claims", to_text),
    "claims_from_client": ("claims-from-client", to_text),
    "force_refresh": ("force-refresh", None),
    "refresh_if_sha256": ("refresh-if-sha256", to_text),
    "correlation_id": ("correlation-id", to_text),
    "deadline_ms": ("deadline-ms", _to_u32),
    "max_wait_ms": ("max-wait-ms", _to_u32),
    "fmi_path": ("fmi-path", to_text),
    "attributes": ("attributes", to_text),
    "attribute_tokens": ("attribute-tokens", to_texts),
    "extra_body_parameters": ("extra-body-parameters", _to_pairs),
    "extra_query_parameters": ("extra-query-parameters", _to_pairs),
    "extra_headers": ("extra-headers", _to_pairs),
    "minimum_validity_seconds": ("minimum-validity-seconds", _to_u32),
    "defer_refresh": ("defer-refresh", None),
    "send_x5c": ("send-x5c", _to_bool),
    "extra_assertion_claims": ("extra-assertion-claims", to_text),
}
