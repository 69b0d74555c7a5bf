"""Logging in with OpenID Connect: the authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).

Knows one provider: what it tells of itself, its keys, and whom its tokens name. Does not know cookies or pages.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import httpx

from ...core.errors import BadInput, SettingsInvalid
from .settings import Oidc

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from joserfc.jwk import KeySetSerialization

log = logging.getLogger("personac.web")
COMMAND = "pip install 'personac[oidc]'"
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
KEPT = 3600.0  # seconds that a provider's description and keys are trusted
LEEWAY = 60  # seconds by which its clock may differ from ours
SECONDS = 10.0  # that it may take to answer
SUBJECT = 255  # characters; OpenID Connect Core 1.0, 2


class Provider:
    """Send people to a provider and hear from it who they are."""

    def __init__(self, settings: Oidc, name: str) -> None:
        """Look for the libraries; raise SettingsInvalid when they are not installed."""
        missing = next((package for package in ("authlib", "joserfc") if find_spec(package) is None), None)
        if missing is not None:
            raise SettingsInvalid(f"{name}: connectors.web.oidc needs the package {missing}; get it with {COMMAND}")
        self._settings = settings
        self._told: dict[str, Any] = {}
        self._keys: KeySetSerialization = {"keys": []}
        self._until = 0.0

    async def begin(self, redirect: str) -> tuple[str, dict[str, str]]:
        """Return the provider's address for a log-in, and what must be kept in the browser until it comes back.

        Raise BadInput (login_failed).
        """
        flow = {"s": secrets.token_urlsafe(18), "n": secrets.token_urlsafe(18), "v": secrets.token_urlsafe(48)}
        try:
            await self._learn()
            async with self._client(redirect) as client:
                address, _ = client.create_authorization_url(
                    self._told["authorization_endpoint"], state=flow["s"], nonce=flow["n"], code_verifier=flow["v"]
                )
        except Exception as error:
            raise _failed(error) from error
        return str(address), flow

    async def finish(self, redirect: str, flow: Mapping[str, Any], state: str, code: str) -> str:
        """Return the name of the user whom the provider sent back with a code; raise BadInput (login_failed)."""
        if not secrets.compare_digest(state.encode(), str(flow.get("s", "")).encode()) or not code:
            raise _failed(ValueError("the answer is not to a log-in of this browser"))
        try:
            await self._learn()
            async with self._client(redirect) as client:
                tokens = await client.fetch_token(
                    self._told["token_endpoint"],
                    code=code,
                    code_verifier=str(flow["v"]),
                    grant_type="authorization_code",
                )
            return await self._subject(str(tokens["id_token"]), str(flow["n"]))
        except Exception as error:
            raise _failed(error) from error

    async def _subject(self, token: str, nonce: str) -> str:
        """Return whom an ID token names, after all checks of OpenID Connect Core 1.0, 3.1.3.7."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            read = jwt.decode(token, KeySet.import_key_set(self._keys), algorithms=SIGNATURES)
        except (JoseError, ValueError):
            await self._learn(anew=True)  # its keys may have changed
            read = jwt.decode(token, KeySet.import_key_set(self._keys), algorithms=SIGNATURES)
        own = self._settings.client_id
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._told["issuer"]},
            aud={"essential": True, "value": own},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
        ).validate(read.claims)
        several = isinstance(read.claims["aud"], list) and len(read.claims["aud"]) > 1
        if read.claims.get("azp", None if several else own) != own:
            raise ValueError("the token is for another client")
        subject = str(read.claims["sub"])
        if not 0 < len(subject) <= SUBJECT:
            raise ValueError("the name of the user is too long")
        return f"oidc-{subject}"

    async def _learn(self, anew: bool = False) -> None:
        """Ask the provider for its description and its keys, now and then."""
        if self._told and time.monotonic() < self._until and not anew:
            return
        issuer = self._settings.issuer
        async with httpx.AsyncClient(timeout=SECONDS) as web:
            told = (await web.get(f"{issuer}/.well-known/openid-configuration")).raise_for_status().json()
            if str(told["issuer"]).rstrip("/") != issuer:
                raise ValueError(f"the provider calls itself {str(told['issuer'])[:200]}")
            keys = (await web.get(told["jwks_uri"])).raise_for_status().json()
        self._told, self._keys, self._until = told, keys, time.monotonic() + KEPT

    def _client(self, redirect: str) -> AsyncOAuth2Client:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        secret = self._settings.client_secret
        known = self._told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        method = "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"
        return AsyncOAuth2Client(
            self._settings.client_id,
            secret or None,
            token_endpoint_auth_method=method if secret else "none",
            scope="openid",
            redirect_uri=redirect,
            code_challenge_method="S256",
            timeout=SECONDS,
        )


def _failed(error: Exception) -> BadInput:
    log.warning("a log-in failed: %s: %s", type(error).__name__, str(error)[:300])
    return BadInput("login_failed", "That log-in did not work. Please try it again.")
