"""Text between people and Slack: what they typed as plain text, and plain text so that Slack shows it as it is.

Knows Slack's three ways of writing: rich text (blocks of typed elements), mrkdwn (text with `<...>` in it) and the
Markdown of streamed messages. Knows nothing of events or of calls. The formats are described at
https://docs.slack.dev/messaging/formatting-message-text and
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_LINK = re.compile(r"<([^<>\n]*)>")
_URL = re.compile(r"https?://[^\s<>\"'，。；！？、）】》]+", re.IGNORECASE)
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_STYLED = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
_SHORTCODE = re.compile(r":([a-z0-9_+'-]{1,100}):")
_MARKDOWN = re.compile(r"([\\`*_~\[\]#|])")
_DEPTH = 8

# what people type


def typed(event: Mapping[str, Any], bot_user: str = "") -> str:
    """Return a message's words as plain text, without mentions of the bot itself.

    Rich text is read where the message has it, for there nothing is ambiguous; else its mrkdwn is.
    """
    blocks = event.get("blocks")
    rich = [
        block
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, Mapping) and block.get("type") == "rich_text"
    ]
    if rich:
        text = "\n".join("".join(_words(block, bot_user)).strip("\n") for block in rich)
    else:
        text = unescape(str(event.get("text") or ""), bot_user)
    return re.sub(r"[ \t]{2,}", " ", text).strip().encode("utf-8", "replace").decode()  # no half surrogates


def unescape(text: str, bot_user: str = "") -> str:
    """Return mrkdwn as plain text: links by their words, mentions by their names, no marks of style."""
    code: list[str] = []

    def keep(match: re.Match[str]) -> str:
        code.append(match.group(1))
        return f"\0{len(code) - 1}\0"

    text = _FENCE.sub(keep, text.replace("\0", ""))
    text = _LINK.sub(lambda match: _linked(match.group(1), bot_user), text)
    for _ in range(3):  # styles can lie in one another
        text = _STYLED.sub(lambda match: match.group(2), text)
    text = re.sub(r"\0(\d+)\0", lambda match: code[int(match.group(1))], text)
    return _entities(text)


def _linked(inside: str, bot_user: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return "" if target[1:] == bot_user else f"@{label.removeprefix('@') or target[1:]}"
    if target.startswith("#"):
        return f"#{label.removeprefix('#') or target[1:]}"
    if target.startswith("!"):
        word = target[1:].split("^")[0]
        return label or f"@{word}"
    if not label or label == target or target.split(":", 1)[-1].strip("/") == label.strip("/"):
        return label or target.removeprefix("mailto:").removeprefix("tel:")
    return label if target.startswith(("mailto:", "tel:")) else f"{label} ({target})"


def _entities(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _words(node: Any, bot_user: str, depth: int = 0) -> Iterator[str]:
    """Yield the words of rich text, a line break after each of its sections."""
    if not isinstance(node, Mapping) or depth > _DEPTH:
        return
    kind = node.get("type")
    inner = node.get("elements")
    if isinstance(inner, list):
        for element in inner:
            yield from _words(element, bot_user, depth + 1)
        if kind != "rich_text":
            yield "\n"
    elif kind == "text":
        yield str(node.get("text") or "")
    elif kind == "link":
        url, label = str(node.get("url") or ""), str(node.get("text") or "")
        yield _linked(f"{url}|{label}" if label else url, bot_user)
    elif kind == "user":
        yield "" if node.get("user_id") == bot_user else f"@{node.get('user_id')}"
    elif kind == "emoji":
        yield _emoji(node)
    elif kind in ("channel", "usergroup", "broadcast", "date"):
        sign = "#" if kind == "channel" else "@" if kind != "date" else ""
        yield sign + str(node.get(_NAMED[kind]) or "")


_NAMED = {"channel": "channel_id", "usergroup": "usergroup_id", "broadcast": "range", "date": "fallback"}


def _emoji(node: Mapping[str, Any]) -> str:
    try:
        return "".join(chr(int(point, 16)) for point in str(node["unicode"]).split("-"))
    except (KeyError, ValueError, OverflowError):
        return f":{node.get('name') or 'emoji'}:"


def names_someone_else(event: Mapping[str, Any], bot_user: str) -> bool:
    """Tell whether a message mentions a person who is not the bot."""
    return any(
        match.startswith("@") and match[1:].split("|")[0] != bot_user
        for match in _LINK.findall(str(event.get("text") or ""))
    )


# what Slack shows


def escape(text: str) -> str:
    """Return text in which mrkdwn finds no link, mention or command: the three characters that Slack asks to escape."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown(text: str) -> str:
    """Return text that the Markdown of a streamed message shows as it is; addresses stay links."""
    parts: list[str] = []
    end = 0
    for match in _URL.finditer(text):
        parts += [_literal(text[end : match.start()]), escape(match.group())]
        end = match.end()
    return "".join([*parts, _literal(text[end:])])


def _literal(text: str) -> str:
    text = _MARKDOWN.sub(r"\\\1", escape(text))
    return _SHORTCODE.sub(r"\\:\1\\:", text)


def rich(text: str) -> dict[str, Any]:
    """Return a block that shows text exactly as it is, its addresses as links."""
    elements: list[dict[str, Any]] = []
    end = 0
    for match in _URL.finditer(text):
        url = match.group().rstrip(".,;:!?)")
        elements += _texts(text[end : match.start()])
        elements.append({"type": "link", "url": url})
        end = match.start() + len(url)
    elements += _texts(text[end:])
    section = {"type": "rich_text_section", "elements": elements or [{"type": "text", "text": " "}]}
    return {"type": "rich_text", "elements": [section]}


def _texts(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text}] if text else []


def split(text: str, limit: int) -> Sequence[str]:
    """Return text in pieces of at most `limit` characters, cut after a paragraph, a sentence or a word if possible."""
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        head = rest[:limit]
        cut = max(head.rfind("\n\n"), 0) or max(head.rfind("\n"), 0)
        if cut < limit // 3:
            cut = max((match.end() for match in re.finditer(r"[.!?](?=\s)|[。！？]", head)), default=0)
        if cut < limit // 3:
            cut = head.rfind(" ")
        cut = cut if cut >= limit // 3 else limit
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest or not pieces else pieces
