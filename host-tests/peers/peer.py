"""MSAL Python as a peer: one JSON command per line in, one JSON answer per line out.

    python3 peer.py DIR

DIR is the folder that install.sh filled. README.md beside this file describes the commands.
"""

import io
import json
import logging
import os
import ssl
import sys
import tempfile
import warnings
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, os.path.join(sys.argv[1], "python"))

import msal
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.hazmat.primitives.serialization import pkcs12
from msal.individual_cache import _ExpiringMapping
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

CLOUDS = [
    ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
    ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    ["login.microsoftonline.us", "login.usgovcloudapi.net"],
    ["login-us.microsoftonline.com"],
    ["login.microsoftonline.de"],
]
PREFERRED_CACHE = {"login.microsoftonline.com": "login.windows.net"}
ISSUED = {
    "status": 200,
    "headers": {"Content-Type": "application/json; charset=utf-8"},
    "body": (
        '{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"token-1"}'
    ),
}
JUDGED = {
    "client_id": "11111111-1111-1111-1111-111111111111",
    "authority": "https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222",
    "scopes": ["https://graph.microsoft.com/.default"],
    "credential": {"secret": "a-secret"},
}


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for name in ("REGION_NAME", "MSAL_FORCE_REGION"):
        os.environ.pop(name, None)
    for line in sys.stdin:
        try:
            answer = json.dumps(obey(json.loads(line)), allow_nan=False)
        except Exception as failure:
            answer = json.dumps({"failure": f"{type(failure).__name__}: {failure}"})
        print(answer, flush=True)


def obey(command):
    return {
        "hello": hello,
        "request": request,
        "judge": judge,
        "export": export,
        "import": import_cache,
        "call": call,
    }[command["do"]](command)


def hello(_command):
    return {"library": "msal-python", "version": msal.__version__}


def request(command):
    network = Network(command.get("answer", ISSUED))
    app = Application(command, network)
    return {"requests": network.requests, "unsupported": app.unsupported, **app.acquire()}


def judge(command):
    return {"verdicts": [judge_one(answer) for answer in command["answers"]]}


def judge_one(answer):
    network = Network(answer)
    app = Application(JUDGED, network)
    first = app.acquire()
    sent, posted_to = network.token_requests(), network.posted_to()
    again = app.acquire()
    rule, seconds = app.held_back_by()
    if network.token_requests() > sent:
        second = "sent"
    elif "result" in again:
        second = "cache"
    else:
        second = rule or "failed"
    if second == "throttle":
        verdict = "throttled"
    elif "result" in first:
        verdict = "token"
    else:
        verdict = "refused" if first["error"]["class"] == "refused" else "unusable"
    return {
        "verdict": verdict,
        **first.get("error", first.get("result")),
        "requests": sent,
        "posted_to": posted_to,
        "second": second,
        "retry_after": seconds if second == "throttle" else None,
    }


def export(command):
    app = Application({**JUDGED, **command}, Network(command.get("answer", ISSUED)))
    outcome = app.acquire()
    return {"cache": app.cache.serialize(), **outcome}


def import_cache(command):
    network = Network(None)
    app = Application(command, network, command["cache"])
    outcome = app.acquire()
    result = outcome.get("result", {})
    return {
        "from_cache": result.get("from_cache", False),
        "access_token": result.get("access_token"),
        "token_requests": network.token_requests(),
        "error": outcome.get("error"),
        "cache": app.cache.serialize(),
    }


def call(command):
    """Calls a real server, twice, with the library as it is and with the checks of certificates of Python 3.13."""
    trust = ssl.create_default_context(cafile=command["ca_certificate"])
    trust.verify_flags |= ssl.VERIFY_X509_STRICT
    client = requests.Session()
    client.trust_env = False
    client.mount("https://", TrustingAdapter(trust))
    app = msal.ConfidentialClientApplication(
        command["client_id"],
        authority=command["authority"],
        client_credential=command["credential"]["secret"],
        instance_discovery=False,
        http_client=client,
    )
    answers = [app.acquire_token_for_client(list(command["scopes"])) for _ in range(2)]
    return {"token_sources": [answer.get("token_source") for answer in answers]}


class TrustingAdapter(HTTPAdapter):
    def __init__(self, trust):
        self.trust = trust
        super().__init__()

    def init_poolmanager(self, *args, **options):
        super().init_poolmanager(*args, ssl_context=self.trust, **options)


class Application:
    """A fresh MSAL application and the arguments of its calls."""

    def __init__(self, command, network, cache=None):
        self.command = command
        self.unsupported = [name for name in ("correlation_id",) if command.get(name)]
        self.cache = msal.SerializableTokenCache()
        self.imported = cache
        self.http_cache = {}
        self.network = network
        self.app = None

    def acquire(self):
        """`{"result": ..}` or `{"error": ..}`; building the application is part of the attempt."""
        try:
            self.app = self.app or self.build()
            options = {}
            if self.command.get("claims"):
                options["claims_challenge"] = self.command["claims"]
            if self.command.get("fmi_path"):
                options["fmi_path"] = self.command["fmi_path"]
            answer = self.app.acquire_token_for_client(list(self.command["scopes"]), **options)
        except Exception as exception:
            return {"error": thrown(exception)}
        if isinstance(answer, dict) and "error" in answer:
            return {"error": refused(answer)}
        if not isinstance(answer, dict) or not answer.get("access_token"):
            return {"error": {"class": "no_token"}}
        return {"result": self.token(answer)}

    def build(self):
        self.cache.deserialize(self.imported)
        options = {}
        if self.command.get("known_authority"):
            options = {"validate_authority": False, "instance_discovery": False}
        if self.command.get("region"):
            options["azure_region"] = self.command["region"]
        with tempfile.TemporaryDirectory() as folder:
            return msal.ConfidentialClientApplication(
                self.command["client_id"],
                authority=self.command["authority"],
                client_credential=credential(self.command["credential"], folder),
                client_capabilities=self.command.get("capabilities"),
                token_cache=self.cache,
                http_client=session(self.network),
                http_cache=self.http_cache,
                **options,
            )

    def token(self, answer):
        entries = json.loads(self.cache.serialize()).get("AccessToken", {}).values()
        stored = next((e for e in entries if e["secret"] == answer["access_token"]), None)
        lifetimes = {"expires_in": None, "ext_expires_in": None, "refresh_in": None, "scopes": None}
        if stored:
            lifetimes = {
                "expires_in": after(stored, "expires_on"),
                "ext_expires_in": after(stored, "extended_expires_on"),
                "refresh_in": after(stored, "refresh_on"),
                "scopes": stored["target"].split(),
            }
        return {
            "access_token": answer["access_token"],
            "token_type": answer.get("token_type"),
            "from_cache": answer.get("token_source") == "cache",
            **lifetimes,
        }

    def held_back_by(self):
        """Which rule of the library keeps the same request from being sent, and for how long."""
        _sequence, timestamps = self.http_cache.get(_ExpiringMapping._INDEX, ([], {}))
        for ending, rule in (("429/5xx/Retry-After", "throttle"), (" 400", "repetition")):
            for key, (expires_at, created_at) in timestamps.items():
                if key.startswith("POST ") and key.endswith(ending):
                    return rule, expires_at - created_at
        return None, None


def after(entry, name):
    if not (entry.get(name) and entry.get("cached_at")):
        return None
    return int(entry[name]) - int(entry["cached_at"])


def credential(given, folder):
    if "secret" in given:
        return given["secret"]
    if "assertion" in given:
        return {"client_assertion": given["assertion"]}
    key, certificate = given["private_key_pem"], given["certificate_pem"]
    parsed = x509.load_pem_x509_certificate(certificate.encode())
    if given.get("algorithm") == "RS256":
        named = {"private_key": key, "thumbprint": parsed.fingerprint(hashes.SHA1()).hex()}
        return {**named, "public_certificate": certificate} if given.get("send_x5c") else named
    if given.get("send_x5c"):
        return {"private_key": key, "public_certificate": certificate}
    # From PEM, the library signs PS256 only with x5c; from a PFX file, without it.
    path, passphrase = os.path.join(folder, "key.pfx"), "passphrase"
    with open(path, "wb") as pfx:
        pfx.write(
            pkcs12.serialize_key_and_certificates(
                None,
                load_pem_private_key(key.encode(), None),
                parsed,
                None,
                BestAvailableEncryption(passphrase.encode()),
            )
        )
    return {"private_key_pfx_path": path, "passphrase": passphrase}


def refused(answer):
    return {
        "class": "refused",
        "error": answer["error"],
        "error_codes": answer.get("error_codes"),
        "suberror": answer.get("suberror"),
        "claims": answer.get("claims"),
        "description_head": head(answer.get("error_description")),
        "status": None,
        "exception": None,
    }


def thrown(exception):
    return {
        "class": "unparsable" if isinstance(exception, json.JSONDecodeError) else "exception",
        "description_head": head(str(exception)),
        "status": None,
        "exception": type(exception).__name__,
    }


def head(text):
    return text[:120] if isinstance(text, str) else None


def session(network):
    """The library's own `requests` client with a replaced transport."""
    client = requests.Session()
    client.trust_env = False
    client.mount("http://", network)
    client.mount("https://", network)
    return client


class Network(HTTPAdapter):
    """Records every request. Answers discovery like Entra, and token requests with the given answer.

    Without an answer, token requests fail like a broken connection.
    """

    def __init__(self, answer):
        super().__init__()
        self.answer = answer
        self.requests = []

    def token_requests(self):
        return sum(1 for sent in self.requests if sent["method"] == "POST")

    def posted_to(self):
        posts = (sent["url"] for sent in self.requests if sent["method"] == "POST")
        return list(dict.fromkeys(urlsplit(url).hostname for url in posts))

    def send(self, request, **_options):
        body = request.body or ""
        text = body.decode() if isinstance(body, bytes) else body
        self.requests.append(
            {
                "method": request.method,
                "url": request.url,
                "headers": {name.lower(): value for name, value in request.headers.items()},
                "form": [list(pair) for pair in parse_qsl(text, keep_blank_values=True)],
            }
        )
        url = urlsplit(request.url)
        if request.method != "GET" or not url.hostname or url.scheme != "https":
            answer = self.answer if url.scheme == "https" else None
        else:
            answer = discovery(url) or self.answer
        if answer is None:
            raise requests.exceptions.ConnectionError("no network")
        return self.build_response(
            request,
            HTTPResponse(
                body=io.BytesIO(answer.get("body", "").encode()),
                headers=answer.get("headers", {}),
                status=answer["status"],
                preload_content=False,
            ),
        )


def discovery(url):
    if url.path.endswith("/.well-known/openid-configuration"):
        return json_answer(200, openid_configuration(url))
    if url.path == "/common/discovery/instance":
        asked = dict(parse_qsl(url.query)).get("authorization_endpoint", "")
        return instance_discovery(urlsplit(asked).hostname)
    return None


def openid_configuration(url):
    path = url.path.replace("//", "/").removesuffix("/.well-known/openid-configuration")
    base = f"https://{url.netloc}{path}"
    endpoints = f"{base.removesuffix('/v2.0')}/oauth2" + ("/v2.0" if base.endswith("/v2.0") else "")
    return {
        "issuer": base,
        "authorization_endpoint": f"{endpoints}/authorize",
        "token_endpoint": f"{endpoints}/token",
        "jwks_uri": f"{base}/keys",
    }


def instance_discovery(host):
    if not any(host in aliases for aliases in CLOUDS):
        text = "AADSTS50049: Unknown or invalid instance."
        return json_answer(
            400,
            {"error": "invalid_instance", "error_description": text, "error_codes": [50049]},
        )
    return json_answer(
        200,
        {
            "tenant_discovery_endpoint": f"https://{host}/common/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [
                {
                    "preferred_network": aliases[0],
                    "preferred_cache": PREFERRED_CACHE.get(aliases[0], aliases[0]),
                    "aliases": aliases,
                }
                for aliases in CLOUDS
            ],
        },
    )


def json_answer(status, value):
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return {"status": status, "headers": headers, "body": json.dumps(value)}


if __name__ == "__main__":
    main()
