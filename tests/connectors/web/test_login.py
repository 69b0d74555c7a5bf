"""Logging in: with a key, and with an account of a provider of OpenID Connect on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from personac.connectors.web import oidc
from personac.connectors.web.settings import Oidc, read_settings
from personac.core.errors import SettingsInvalid

CLIENT, SECRET, KEY = "personac-test", "a-secret-of-the-client", "a-key-of-the-persona"
Make = Callable[..., Any]


class Provider(ThreadingHTTPServer):
    """A provider that logs everybody in as ann; `claims` and `sign` change what its ID tokens say."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.reset()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def reset(self) -> None:
        """Be an honest provider with a new key."""
        self.key = RSAKey.generate_key(2048, parameters={"kid": str(time.monotonic()), "use": "sig"}, private=True)
        self.claims: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": self.key.kid}, claims, self.key
        )
        self.asked: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def authorize(self, wish: dict[str, str]) -> str:
        """Return where the browser goes back to."""
        self.asked.append(wish)
        code = f"code-{len(self.asked)}"
        self.codes[code] = wish
        return f"{wish['redirect_uri']}?{urlencode({'code': code, 'state': wish['state']})}"

    def token(self, form: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        wish = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if wish is None or challenge != wish["code_challenge"] or basic != expected:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "ann", "nonce": wish["nonce"], "iat": now, "exp": now + 60}
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(claims)}


class _Pages(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.server.authorize({name: values[0] for name, values in query.items()}))
            self.end_headers()
        elif path == "/keys":
            self._json(200, {"keys": [self.server.key.as_dict(private=False)]})
        else:
            self._json(200, self.server.description())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(*self.server.token(form, self.headers.get("Authorization", "")))

    def _json(self, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Return a provider of OpenID Connect."""
    with Provider() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def locked_server(provider: Provider, serve: Make, script: type[Any]) -> Iterator[Any]:
    """Serve a persona that wants a log-in at the provider."""
    block = {"oidc": {"issuer": provider.issuer + "/", "client_id": CLIENT, "client_secret": SECRET}}
    with serve(script(), settings={"script": block}) as server:
        yield server


@pytest.fixture
def browser(locked_server: Any, provider: Provider) -> Iterator[httpx.Client]:
    """Return a browser that follows redirects and keeps cookies; the provider is honest again."""
    provider.reset()
    with httpx.Client(base_url=locked_server.base, follow_redirects=True, timeout=30) as web:
        yield web


def test_an_account_of_the_provider_opens_the_page(browser: httpx.Client, provider: Provider) -> None:
    form = browser.get("/")
    assert form.url.path == "/login"
    assert 'data-ways="oidc"' in form.text
    page = browser.get("/oidc")
    assert (page.status_code, page.url.path) == (200, "/")
    wish = provider.asked[-1]
    assert (wish["client_id"], wish["scope"], wish["response_type"]) == (CLIENT, "openid", "code")
    assert wish["redirect_uri"] == str(browser.base_url).rstrip("/") + "/oidc"
    assert wish["code_challenge_method"] == "S256"
    assert browser.get("/api/me").json()["user"] == "oidc-ann"
    said = browser.post("/api/messages", json={"text": "hello"}).json()
    assert said["reply"]["text"] == "hello"


def test_the_session_is_a_cookie_that_scripts_cannot_read_and_other_sites_do_not_send(browser: httpx.Client) -> None:
    browser.get("/oidc")
    last = browser.get("/oidc").history[-1]
    set_cookies = [value for name, value in last.headers.multi_items() if name == "set-cookie"]
    session = next(value for value in set_cookies if value.startswith("personac_session="))
    assert "httponly" in session.lower()
    assert "samesite=lax" in session.lower()


def _unsigned(claims: dict[str, Any]) -> str:
    def pack(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{pack({'alg': 'none'})}.{pack(claims)}."


FOREIGN = RSAKey.generate_key(2048, private=True)


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "of another log-in"}, {"nonce": None}, {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"exp": 1},
     {"exp": None}, {"iss": "https://evil.example"}, {"sub": None}, {"sub": ""}, {"sub": "x" * 300},
     {"azp": "another"}],
)  # fmt: skip
def test_a_token_that_says_something_else_lets_nobody_in(
    browser: httpx.Client, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    refused(browser)


@pytest.mark.parametrize(
    "sign",
    [
        lambda claims: jwt.encode({"alg": "RS256"}, claims, FOREIGN),
        lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET)),
        _unsigned,
        lambda claims: "nonsense",
    ],
    ids=["by another key", "by the client's secret", "by nobody", "no token"],
)
def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(
    browser: httpx.Client, provider: Provider, sign: Any
) -> None:
    provider.sign = sign
    refused(browser)


def refused(browser: httpx.Client) -> None:
    """Check that a log-in ends at the form, and opens nothing."""
    end = browser.get("/oidc")
    assert (end.url.path, end.url.query) == ("/login", b"again=oidc")
    assert browser.get("/api/me").status_code == 401


def test_an_answer_to_a_log_in_of_another_browser_lets_nobody_in(browser: httpx.Client, provider: Provider) -> None:
    with httpx.Client(base_url=browser.base_url) as attacker:
        away = attacker.get("/oidc").headers["location"]
        back = httpx.get(away).headers["location"]
    browser.get("/oidc", follow_redirects=False)  # a log-in of one's own has begun
    assert browser.get(back).url.path == "/login"
    assert browser.get("/api/me").status_code == 401


def test_a_refusal_of_the_provider_is_told(browser: httpx.Client) -> None:
    assert browser.get("/oidc", params={"error": "access_denied", "state": "x"}).url.query == b"again=oidc"


def test_a_provider_may_change_its_key(browser: httpx.Client, provider: Provider) -> None:
    assert browser.get("/oidc").url.path == "/"
    provider.reset()
    browser.cookies.clear()
    assert browser.get("/oidc").url.path == "/"


def test_a_provider_that_is_down_is_told_on_the_page(serve: Make, script: Make) -> None:
    block = {"key": KEY, "oidc": {"issuer": "http://127.0.0.1:9", "client_id": CLIENT}}
    with (
        serve(script(), settings={"script": block}) as server,
        httpx.Client(base_url=server.base, follow_redirects=True) as browser,
    ):
        refused(browser)
        assert 'data-ways="key oidc"' in browser.get("/login").text
        assert browser.post("/login", data={"key": "wrong"}).url.query == b"again=key"
        assert browser.post("/login", data={"key": KEY}).url.path == "/"
        assert browser.get("/api/me").status_code == 200


def test_a_log_in_is_good_for_one_persona(serve: Make, script: Make) -> None:
    settings = {"ann": {"key": KEY}, "bob": {"key": KEY}}
    with (
        serve(script("ann"), script("bob"), settings=settings) as server,
        httpx.Client(base_url=server.base, follow_redirects=True) as browser,
    ):
        browser.post("/p/ann/login", data={"key": KEY})
        browser.post("/p/bob/login", data={"key": KEY})
        assert browser.get("/p/ann/").url.path == "/p/ann/"  # the second has not ended the first
        assert browser.get("/p/bob/").url.path == "/p/bob/"


@pytest.mark.parametrize("issuer", ["http://login.example", "login.example", "javascript:alert(1)"])
def test_a_provider_is_asked_over_tls_only(issuer: str) -> None:
    with pytest.raises(SettingsInvalid, match="issuer"):
        read_settings({"oidc": {"issuer": issuer, "client_id": CLIENT}})


def test_what_is_not_installed_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "find_spec", lambda name: None)
    with pytest.raises(SettingsInvalid, match=r"pip install 'personac\[oidc\]'"):
        oidc.Provider(Oidc(issuer="https://login.example", client_id=CLIENT), "script")
