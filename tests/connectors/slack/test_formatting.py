"""Text in both directions: nothing breaks out into Slack, and nothing of Slack's writing reaches the bot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personac.connectors.slack.formatting import escape, markdown, rich, split, typed, unescape


@pytest.mark.parametrize(
    ("mrkdwn", "plain"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("<@UBOT> hello", "hello"),
        ("ask <@U7|ann> or <@U8>", "ask @ann or @U8"),
        ("in <#C1|general> and <#C2>", "in #general and #C2"),
        ("<!here> <!subteam^S1|@team> <!date^1392734382^{date}|18 Feb>", "@here @team 18 Feb"),
        ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
        ("<https://x.example/|x.example>", "x.example"),
        ("<https://x.example|the page>", "the page (https://x.example)"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example"),
        ("*bold* _both *inside*_ ~gone~ `code`", "bold both inside gone code"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("see ```\nif a &lt; b: *x*\n```", "see if a < b: *x*"),
        ("故宫几点开门？", "故宫几点开门？"),
    ],
)
def test_mrkdwn_is_read_as_plain_words(mrkdwn: str, plain: str) -> None:
    assert typed({"text": mrkdwn}, "UBOT") == plain


def test_rich_text_is_read_before_mrkdwn() -> None:
    elements: list[dict[str, Any]] = [
        {"type": "user", "user_id": "UBOT"},
        {"type": "text", "text": " is *this* "},
        {"type": "text", "text": "bold", "style": {"bold": True}},
        {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd"},
        {"type": "emoji", "name": "our_own"},
        {"type": "link", "url": "https://x.example", "text": "page"},
        {"type": "user", "user_id": "U7"},
        {"type": "broadcast", "range": "here"},
        {"type": "channel", "channel_id": "C1"},
    ]
    listed = {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [elements[1]]}] * 2}
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}, listed]}
    assert typed({"text": "something else", "blocks": [block]}, "UBOT") == (
        "is *this* bold👋🏽:our_own:page (https://x.example)@U7@here#C1\n is *this* \n is *this*"
    )


def test_rich_text_of_any_depth_and_shape_is_read() -> None:
    node: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(500):
        node = {"type": "rich_text_section", "elements": [node]}
    assert typed({"text": "", "blocks": [{"type": "rich_text", "elements": [node, 7, None, "x"]}, 3]}) == ""


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=80))
def test_escaped_text_comes_back_as_it_was_when_it_has_no_styles(text: str) -> None:
    plain = text.translate({ord(sign): None for sign in "*_~`"})
    assert unescape(escape(plain)) == plain


@given(st.text(max_size=80))
def test_no_text_makes_a_link_a_mention_or_a_command(text: str) -> None:
    assert not set("<>") & set(escape(text))
    assert not set("<>") & set(markdown(text))
    shown = rich(text)["elements"][0]["elements"]
    assert {element["type"] for element in shown} <= {"text", "link"}
    assert "".join(e.get("text") or e["url"] for e in shown) == (text or " ")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> <@U1> <http://evil|nice>", "&lt;!channel&gt; &lt;@U1&gt; &lt;http://evil|nice&gt;"),
        ("*a* _b_ ~c~ `d` [e](f) # g", "\\*a\\* \\_b\\_ \\~c\\~ \\`d\\` \\[e\\](f) \\# g"),
        ("100 :tada: at 10:30:45", "100 \\:tada\\: at 10\\:30\\:45"),
        ("see https://x.example/a_b*c", "see https://x.example/a_b*c"),
    ],
)
def test_streamed_text_is_shown_as_it_is(text: str, shown: str) -> None:
    assert markdown(text) == shown


@given(st.text(st.sampled_from("ab .。\n"), max_size=300), st.integers(5, 60))
def test_pieces_are_within_the_limit_and_lose_no_word(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_pieces_end_with_sentences() -> None:
    assert split("One sentence here. Another one there.", 25) == ["One sentence here.", "Another one there."]
    assert split("这是第一句话。这是第二句话。", 9) == ["这是第一句话。", "这是第二句话。"]
