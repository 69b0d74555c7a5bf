"""Who comes in: by a session token, by the persona's key, or as a browser's anonymous cookie says.

Knows the headers and cookies of a request; does not know what is asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from ...core.errors import BadInput
from .settings import WebSettings
from .tokens import Claims, Signer

COOKIE = "personac_user"
YEAR = 365 * 24 * 3600
SESSION_COOKIE = "personac_session"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Name a user; `login` tells that a key or a log-in has shown who it is, `master` that it is the key itself."""

    user: str
    login: bool = False
    master: bool = False


class Door:
    """Tell who somebody is at one persona's door."""

    def __init__(self, persona: str, settings: WebSettings) -> None:
        self.persona, self.settings = persona, settings
        self.signer = Signer(settings.secret or secrets.token_urlsafe(32))

    def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Return who sent a request, None for a stranger; raise BadInput (session_over) for a token that is not good.

        A header counts more than cookies.
        """
        bearer = bearer_of(connection)
        if bearer:
            if self.is_key(bearer):
                return Visitor("key", True, True)
            return self.admitted(bearer)
        cookie = connection.cookies.get(SESSION_COOKIE, "")
        claims = self.signer.read(cookie, self.persona) if cookie else None
        if claims is not None:
            return Visitor(claims.user, claims.login)
        anonymous = anonymous_of(connection)
        return Visitor(anonymous) if anonymous else None

    def admitted(self, token: str) -> Visitor:
        """Return whom a session token names; raise BadInput (session_over)."""
        claims = self.signer.read(token, self.persona)
        if claims is None:
            raise BadInput("session_over", "This session is over or is not of this persona; begin a new one.")
        return Visitor(claims.user, claims.login)

    def enter(self, connection: HTTPConnection) -> Visitor:
        """Return who sent a request, a new user for a stranger; raise BadInput (login_needed, session_over)."""
        return self.checked(self.visitor(connection) or Visitor(new_user()))

    def checked(self, visitor: Visitor) -> Visitor:
        """Return a visitor who may come in; raise BadInput (login_needed) where one must log in first."""
        if self.settings.locked and not visitor.login:
            raise BadInput("login_needed", "Please log in first, or send the key as `Authorization: Bearer KEY`.")
        return visitor

    def is_key(self, given: str) -> bool:
        """Tell whether a text is the persona's key, in a time that does not depend on it."""
        key = self.settings.key
        return key is not None and hmac.compare_digest(given.encode("utf-8", "replace"), key.encode())

    def token(self, visitor: Visitor) -> tuple[str, Claims]:
        """Return a session token for a visitor, and what it says."""
        seconds = self.settings.seconds
        token = self.signer.issue(visitor.user, self.persona, seconds, visitor.login)
        claims = self.signer.read(token, self.persona)
        if claims is None:
            raise BadInput("wrong_user", "That name of a user is too long for a session.")
        return token, claims


def new_user() -> str:
    """Return the name of a user whom nobody knows yet."""
    return secrets.token_urlsafe(18)


def give_name(request: HTTPConnection, response: Response) -> None:
    """Give a browser that has none an anonymous name.

    It keeps that name after an erasure: its other tabs, and its other personas here, are known by it, and what they
    say under a name that the browser has lost could neither be erased nor exported.
    """
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, new_user(), max_age=YEAR, httponly=True, samesite="lax", secure=secure)


def bearer_of(connection: HTTPConnection) -> str:
    """Return the token of an `Authorization: Bearer` header, empty without one."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def anonymous_of(connection: HTTPConnection) -> str:
    """Return the anonymous id of a browser, empty when it has none yet."""
    value = connection.cookies.get(COOKIE, "")
    return value if 16 <= len(value) <= 64 and value.replace("-", "").replace("_", "").isalnum() else ""


def conversation_of(user: str, wanted: str | None) -> str:
    """Return a conversation of this user; one of somebody else can't be named, and a name tells no user."""
    prefix = _prefix(user)
    return wanted if wanted is not None and wanted.startswith(prefix) else prefix + secrets.token_urlsafe(9)


def first_conversation(user: str) -> str:
    """Return the conversation of a user where no other is named."""
    return f"{_prefix(user)}main"


def _prefix(user: str) -> str:
    return f"web-{hashlib.sha256(user.encode('utf-8', 'replace')).hexdigest()[:24]}-"


def same_origin(connection: HTTPConnection) -> bool:
    """Tell whether a request comes from our own page; programs send no Origin."""
    origin = connection.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == connection.headers.get("host")
