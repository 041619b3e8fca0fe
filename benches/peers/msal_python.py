"""Times calls of MSAL Python, with a function instead of a network, and prints the medians in µs as JSON.

    python3 msal_python.py INSTALLED KEY CERTIFICATE SCALE

INSTALLED is the folder that host-tests/peers/install.sh filled, KEY and CERTIFICATE are PEM files, and SCALE is a factor
for the numbers of calls.
"""

import json
import os
import platform
import statistics
import sys
import time

INSTALLED, KEY, CERTIFICATE, SCALE = sys.argv[1:]
sys.path.insert(0, os.path.join(INSTALLED, "python"))

import msal

AUTHORITY = "https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222"
CLIENT_ID = "11111111-1111-1111-1111-111111111111"
SCOPE = "https://graph.microsoft.com/.default"
SECRET = "a-secret-of-forty-characters-like-Entra's"
TOKEN = "x" * 1384


def main():
    for name in ("REGION_NAME", "MSAL_FORCE_REGION"):
        os.environ.pop(name, None)
    certificate = {"private_key": read(KEY), "public_certificate": read(CERTIFICATE)}
    medians = {
        "hit-warm": median(5_000, hits_of_one_object(SECRET)),
        "hit-one": median(2_000, hits_of_fresh_objects(SECRET, tokens=1)),
        "hit-certificate": median(2_000, hits_of_fresh_objects(certificate, tokens=1)),
        "hit-thousand": median(200, hits_of_fresh_objects(SECRET, tokens=1_000)),
        "hit-ten-thousand": median(20, hits_of_fresh_objects(SECRET, tokens=10_000)),
        "miss-secret": median(2_000, misses(SECRET)),
        "miss-ps256": median(50, misses(certificate)),
    }
    version = f"MSAL Python {msal.__version__} on Python {platform.python_version()}"
    print(json.dumps({"version": version, "medians_us": medians}))


def hits_of_one_object(credential):
    app = application(credential)
    acquire(app, "identity_provider")
    return lambda: acquire(app, "cache")


def hits_of_fresh_objects(credential, tokens):
    """Each call reads the serialized cache, as a process does that keeps it in a store."""
    blob = cache_of(credential, tokens)

    def hit():
        cache = msal.SerializableTokenCache()
        cache.deserialize(blob)
        acquire(application(credential, cache), "cache")

    return hit


def misses(credential):
    """Each call ends with the serialized cache, which a store would keep."""

    def miss():
        cache = msal.SerializableTokenCache()
        acquire(application(credential, cache), "identity_provider")
        cache.serialize()

    return miss


def cache_of(credential, tokens):
    """A serialized cache with the token of SCOPE in the middle of tokens of other scopes."""
    cache = msal.SerializableTokenCache()
    acquire(application(credential, cache), "identity_provider")
    content = json.loads(cache.serialize())
    [(key, entry)] = content["AccessToken"].items()
    scopes = [f"https://{number}.example/.default" for number in range(tokens - 1)]
    scopes.insert(tokens // 2, SCOPE)
    content["AccessToken"] = {
        key.replace(SCOPE, scope): {**entry, "target": scope} for scope in scopes
    }
    assert len(content["AccessToken"]) == tokens
    return json.dumps(content)


def application(credential, cache=None):
    return msal.ConfidentialClientApplication(
        CLIENT_ID,
        authority=AUTHORITY,
        client_credential=credential,
        token_cache=cache,
        http_client=Network(),
    )


def acquire(app, source):
    answer = app.acquire_token_for_client([SCOPE])
    assert answer.get("token_source") == source, answer.get("error_description")


class Network:
    """MSAL's HTTP client as a function."""

    def get(self, url, **_options):
        assert url == f"{AUTHORITY}/v2.0/.well-known/openid-configuration", url
        return Answer(CONFIGURATION)

    def post(self, url, **_options):
        assert url == f"{AUTHORITY}/oauth2/v2.0/token", url
        return Answer(ISSUED)

    def close(self):
        pass


class Answer:
    status_code = 200
    headers = {"Content-Type": "application/json; charset=utf-8"}

    def __init__(self, text):
        self.text = text

    def raise_for_status(self):
        pass


CONFIGURATION = json.dumps(
    {
        "issuer": f"{AUTHORITY}/v2.0",
        "authorization_endpoint": f"{AUTHORITY}/oauth2/v2.0/authorize",
        "token_endpoint": f"{AUTHORITY}/oauth2/v2.0/token",
    }
)
ISSUED = json.dumps(
    {
        "token_type": "Bearer",
        "expires_in": 3599,
        "ext_expires_in": 3599,
        "access_token": TOKEN,
    }
)


def median(samples, call):
    samples = max(3, int(samples * float(SCALE)))
    for _ in range(samples // 10 + 1):
        call()
    durations = []
    for _ in range(samples):
        started = time.perf_counter_ns()
        call()
        durations.append(time.perf_counter_ns() - started)
    return statistics.median(durations) / 1_000


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


if __name__ == "__main__":
    main()
