"""The ways by which alerts reach people: a signed webhook, e-mail, Slack. Knows protocols, not what is told or when.

A way raises RetryLater for what may go well later, and Undeliverable for what never will. A webhook's body is signed as
`X-Personac-Signature: sha256=HMAC(secret, timestamp + "." + body)`, with `X-Personac-Timestamp` in seconds;
`X-Personac-Id` is the same at each attempt, so that a receiver can tell repetitions.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import smtplib
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any, TypeAlias

from ..errors import RetryLater, Undeliverable
from ..persona.schema import Alerts, MailAlerts, SlackAlerts, WebhookAlerts
from .words import lines, subject

SECONDS = 20.0
Way: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Send an alert; the text is its own name, the same at each attempt."""
_SLACK_LATER = {
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}


def ways_of(alerts: Alerts, language: str) -> dict[str, Way]:
    """Return the ways that a persona's settings name, its environment variables filled in; texts in a language."""
    found: dict[str, Way] = {}
    if alerts.webhook is not None:
        found["webhook"] = _webhook(alerts.webhook)
    if alerts.email is not None:
        found["email"] = _mail(alerts.email, language)
    if alerts.slack is not None and alerts.slack.webhook:
        found["slack webhook"] = _slack_webhook(alerts.slack.webhook, language)
    if alerts.slack is not None and alerts.slack.token:
        found["slack"] = _slack(alerts.slack, language)
    return found


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature of a webhook's body that is sent at a time."""
    return "sha256=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _webhook(settings: WebhookAlerts) -> Way:
    async def send(id: str, alert: Mapping[str, Any]) -> None:
        body = json.dumps({"id": id, **alert}, ensure_ascii=False).encode()
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Personac-Id": id,
            "X-Personac-Timestamp": stamp,
            "X-Personac-Signature": signature(settings.secret, stamp, body),
        }
        await _post(settings.url, body, headers)

    return send


def _slack_webhook(url: str, language: str) -> Way:
    async def send(id: str, alert: Mapping[str, Any]) -> None:
        body = json.dumps({"text": _slack_text(alert, language)}, ensure_ascii=False).encode()
        await _post(url, body, {"Content-Type": "application/json"})

    return send


def _slack(settings: SlackAlerts, language: str) -> Way:
    async def send(id: str, alert: Mapping[str, Any]) -> None:
        said = {"channel": settings.channel, "text": _slack_text(alert, language), "unfurl_links": False}
        body = json.dumps(said, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {settings.token}"}
        answer = await _post(settings.api.rstrip("/") + "/chat.postMessage", body, headers)
        try:
            told = json.loads(answer)
        except ValueError:
            raise RetryLater(None, "Slack answered with something that is no JSON") from None
        if not told.get("ok"):
            error = str(told.get("error", "unknown"))
            raise RetryLater(None, f"Slack: {error}") if error in _SLACK_LATER else Undeliverable(f"Slack: {error}")

    return send


def _slack_text(alert: Mapping[str, Any], language: str) -> str:
    text = "\n".join([f"*{subject(alert, language)}*", *lines(alert, language)])
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


async def _post(url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Post, without following redirects: what an address sends on to was not agreed to."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            response = await client.post(url, content=body, headers=dict(headers))
    except httpx.InvalidURL:
        raise Undeliverable("its address is none") from None
    except httpx.HTTPError as error:
        raise RetryLater(None, f"it could not be reached ({type(error).__name__})") from error
    if response.is_success:
        return response.content
    said = f"it answered {response.status_code}"
    if response.status_code in (408, 425, 429) or response.status_code >= 500:
        wait = response.headers.get("retry-after", "")
        raise RetryLater(float(wait) if wait.isdigit() else None, said)
    raise Undeliverable(said)


def _mail(settings: MailAlerts, language: str) -> Way:
    threads = ThreadPoolExecutor(2, "mail")  # its own: a server that hangs must not hold up what others do on threads

    async def send(id: str, alert: Mapping[str, Any]) -> None:
        mail = _as_mail(settings, id, alert, language)
        await asyncio.get_running_loop().run_in_executor(threads, _send_mail, settings, mail)

    return send


def _as_mail(settings: MailAlerts, id: str, alert: Mapping[str, Any], language: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = subject(alert, language)
    mail["From"], mail["To"], mail["Date"] = settings.sender, ", ".join(settings.to), formatdate()
    mail["Message-ID"] = f"<{id}@{settings.sender.rpartition('@')[2] or 'personac'}>"  # the same at each attempt
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(lines(alert, language)) + "\n")
    return mail


def _send_mail(settings: MailAlerts, mail: EmailMessage) -> None:
    context = ssl.create_default_context()
    try:
        if settings.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(settings.server, settings.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(settings.server, settings.port, timeout=SECONDS)
        with server:
            if settings.tls == "starttls":
                server.starttls(context=context)
            if settings.user is not None:
                server.login(settings.user, settings.password or "")
            server.send_message(mail)
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
        codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else _codes(error)
        said = f"the mail server refused it ({', '.join(map(str, codes))})"
        raise (Undeliverable(said) if all(code >= 500 for code in codes) else RetryLater(None, said)) from error
    except smtplib.SMTPResponseException as error:
        said = f"the mail server answered {error.smtp_code}"
        raise (Undeliverable(said) if error.smtp_code >= 500 else RetryLater(None, said)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise RetryLater(None, f"the mail server could not be used ({type(error).__name__})") from error


def _codes(error: smtplib.SMTPRecipientsRefused) -> list[int]:
    return [code for code, _ in error.recipients.values()]
