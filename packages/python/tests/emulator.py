"""The project's emulator of Entra, as a process."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from msal_wasi import ConfidentialClientApplication


class Emulator:
    """A running emulator, and what its demo directory contains."""

    scope = "https://graph.microsoft.com/.default"

    def __init__(self, folder: Path) -> None:
        self.ca_certificate = folder / "emulator-ca.pem"
        command = [os.environ["MSAL_HOST"], "emulator", "--ca-certificate-out", str(self.ca_certificate)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        values = {}
        while "secret" not in values:
            name, _, value = self._process.stdout.readline().rstrip("\n").partition(" ")
            assert name, "the emulator has ended"
            values[name] = value.strip()
        self.http, self.https, self.tenant = values["http"], values["https"], values["tenant"]
        self.client_id, self.secret = values["client"], values["secret"]
        self.authority = f"{self.http}/{self.tenant}"

    def application(self, credential: Any = None, **options: Any) -> ConfidentialClientApplication:
        """The demo application, over http, with its secret unless another credential is given."""
        credential = self.secret if credential is None else credential
        options = {"allow_insecure_loopback": True, **options}
        return ConfidentialClientApplication(self.client_id, credential, self.authority, **options)

    def variables(self) -> dict[str, str]:
        """Variables for a program that gets tokens over https."""
        return {
            **os.environ,
            "AZURE_AUTHORITY": f"{self.https}/{self.tenant}",
            "AZURE_CLIENT_ID": self.client_id,
            "AZURE_CLIENT_SECRET": self.secret,
            "SSL_CERT_FILE": str(self.ca_certificate),
        }

    def script(self, *answers: dict[str, Any]) -> None:
        """Sets the answers to the next token requests."""
        self._control("script", "POST", {"answers": answers})

    def token_requests(self) -> list[dict[str, Any]]:
        """The token requests since the last `forget`."""
        requests: list[dict[str, Any]] = json.loads(self._control("requests", "GET"))
        return [request for request in requests if request["target"].partition("?")[0].endswith("/token")]

    def forget(self) -> None:
        self._control("requests", "DELETE")

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _control(self, route: str, method: str, body: Any = None) -> bytes:
        request = urllib.request.Request(
            f"{self.http}/_emulator/{route}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            content: bytes = response.read()
        return content
