"""MarkdownV2 read as strictly as Telegram reads it; written from its description and its own tests' cases."""

from __future__ import annotations

RESERVED = set("]()>#+-=|{}.!")
PAIRS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}


class BadMarkup(Exception):
    """Report markup with the words in which Telegram refuses it."""


def read(source: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the text and its entities as (type, covered text); raise BadMarkup."""
    text: list[str] = []
    found: list[tuple[str, str]] = []
    open_: list[tuple[str, int, int]] = []  # mark, place in the text, byte offset
    quote: int | None = None
    place = 0

    def offset() -> int:
        return len(source[:place].encode())

    def close_quote() -> None:
        nonlocal quote
        if quote is not None:
            found.append(("blockquote", "".join(text[quote:])))
            quote = None

    while place < len(source):
        character = source[place]
        at_start = place == 0 or source[place - 1] == "\n"
        if at_start and quote is not None and character != ">":
            close_quote()
        if at_start and character == ">":
            quote = len(text) if quote is None else quote
            place += 1
        elif character == "\\" and place + 1 < len(source) and ord(source[place + 1]) < 127:
            text.append(source[place + 1])
            place += 2
        elif character == "`":
            mark = "```" if source.startswith("```", place) else "`"
            begun = offset()
            place += len(mark)
            inner: list[str] = []
            while not source.startswith(mark, place):
                if place >= len(source):
                    raise BadMarkup(
                        f"Can't find end of {'Pre' if mark == '```' else 'Code'} entity at byte offset {begun}"
                    )
                if source[place] == "\\" and place + 1 < len(source):
                    place += 1
                inner.append(source[place])
                place += 1
            place += len(mark)
            words = "".join(inner).removeprefix("\n") if mark == "```" else "".join(inner)
            text.extend(words)
            found.append(("pre" if mark == "```" else "code", words))
        elif character in "*_~" or source.startswith("||", place):
            mark = next(mark for mark in ("__", "||", character) if source.startswith(mark, place) and mark in PAIRS)
            if open_ and open_[-1][0] == mark:
                _, start, _ = open_.pop()
                found.append((PAIRS[mark], "".join(text[start:])))
            else:
                open_.append((mark, len(text), offset()))
            place += len(mark)
        elif character == "[":
            open_.append(("[", len(text), offset()))
            place += 1
        elif character == "]" and open_ and open_[-1][0] == "[":
            _, start, _ = open_.pop()
            place += 1
            if source.startswith("(", place):
                end = place + 1
                while end < len(source) and source[end] != ")":
                    end += 2 if source[end] == "\\" else 1
                if end >= len(source):
                    raise BadMarkup(f"Can't find end of a URL at byte offset {offset()}")
                found.append(("text_link", "".join(text[start:])))
                place = end + 1
        elif character in RESERVED:
            raise BadMarkup(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")
        else:
            text.append(character)
            place += 1
    if open_:
        mark, _, begun = open_[-1]
        kind = {**PAIRS, "[": "textUrl"}[mark].capitalize()
        raise BadMarkup(f"Can't find end of {kind} entity at byte offset {begun}")
    close_quote()
    return "".join(text), found
