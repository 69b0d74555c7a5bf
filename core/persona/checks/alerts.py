"""Check who is told when something goes wrong: an escalation with nobody behind it, and ways that cannot work."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from ..findings import Findings
from ..nodes import Mapping, Node, Scalar, get, items, text

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
WAYS = ("webhook", "email", "slack")


def check_alerts(tree: Node, findings: Findings) -> None:
    """Report rules that escalate while no way is given, and settings of ways that cannot work."""
    block = get(tree, "alerts")
    ways = [way for way in WAYS if get(block, way) is not None]
    if not ways:
        for rule in items(get(tree, "ethics", "rules")):
            did = get(rule, "do")
            if did is not None and text(did) == "escalate":
                message = "this rule escalates, and `alerts` names nobody who is told"
                advice = "add `alerts:` with a webhook, email or slack, or use `hand_off`"
                findings.warning("P0350", message, did.span, advice)
    _check_address(get(block, "webhook", "url"), findings)
    _check_address(get(block, "page"), findings)
    _check_mail(get(block, "email"), findings)
    _check_slack(get(block, "slack"), findings)


def _check_address(node: Node | None, findings: Findings) -> None:
    written = text(node)
    if node is None or not written or "${" in written:
        return
    parts = urlsplit(written)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message, advice = f"{written!r} is no address", "write it whole: https://ops.example.com/personac"
        findings.error("P0351", message, node.span, advice)
    elif parts.scheme == "http" and not is_here(parts.hostname):
        message = "alerts would go there without encryption"
        findings.error("P0351", message, node.span, "write https; http is for this machine only")


def _check_mail(block: Node | None, findings: Findings) -> None:
    for key in ("to", "from"):
        for node in items(get(block, key)):
            written = text(node)
            if written and "${" not in written and not _MAIL.fullmatch(written):
                findings.error("P0351", f"{written!r} is no e-mail address", node.span, "write it as ops@example.com")
    tls, server = get(block, "tls"), text(get(block, "server")) or ""
    if tls is not None and text(tls) == "none" and "${" not in server and not is_here(server):
        message = f"mails would go to {server or 'the server'} without encryption"
        findings.error("P0351", message, tls.span, "write starttls or tls; none is for a server on this machine")
    user, password = get(block, "user"), get(block, "password")
    for one, other, name in ((user, password, "password"), (password, user, "user")):
        if one is not None and other is None:
            findings.error("P0351", f"`{name}` is missing", one.span, "user and password go together")


def _check_slack(block: Node | None, findings: Findings) -> None:
    if not isinstance(block, Mapping):
        return
    webhook, token, channel = get(block, "webhook"), get(block, "token"), get(block, "channel")
    advice = "give an incoming webhook, or a bot's token and the id of a channel"
    if (token is None) != (channel is None) or (webhook is None and token is None):
        findings.error("P0351", "this does not say where in Slack alerts go", block.span, advice)
    if isinstance(webhook, Scalar) and "${" not in webhook.written:
        _check_address(webhook, findings)
    _check_address(get(block, "api"), findings)


def is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
