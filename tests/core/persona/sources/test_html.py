from __future__ import annotations

from pathlib import Path

from personac.core.persona.sources.blocks import joined
from personac.core.persona.sources.documents import read_document
from personac.core.persona.sources.html import read_html

PAGE = """\
<!DOCTYPE html>
<html><head><title>T</title><style>p{color:red}</style><script>alert(1)</script></head>
<body><nav><a href="/">Home</a></nav>
<h1>Museum &amp; Shop</h1>
<p>Open <b>daily</b>
 from 9.<br>Closed Monday.</p>
<div hidden>secret</div><p style="display: none">secret<p aria-hidden="true">secret</p>
<ul><li>One<ul><li>Inner</ul><li>Two
</ul>
text after
<h2>Prices</h2>
<table><caption>Tickets</caption><tr><th>Who<th>Price<th>Note
<tr><td>Adult<td>60 yuan<td>
<tr><td>Child<td colspan=2>free</table>
<details><summary>When does it open?</summary>At nine.</details>
<dl><dt>Audio guide<dd>40 yuan.</dl>
<figure><img src="a%20b.png" alt="wall"><figcaption>The wall in snow</figcaption></figure>
<p><img src="x.png" alt="A gate"></p>
<p>See <img src="y.png" alt="the tower"> there.
<pre>
code 1
  code 2
</pre>
<form><select><option>no</option></select><button>Buy</button></form>
<p>Last<p>Really last
</body></html>
"""


def test_a_page_is_read_as_it_is_seen() -> None:
    found = [
        (block.kind, block.headings[1:], joined(line.text for line in block.lines), block.lines[0].place, block.image)
        for block in read_html(PAGE).blocks
    ]
    assert found == [
        ("paragraph", (), "Open daily from 9.\nClosed Monday.", 5, None),
        ("list", (), "- One - Inner - Two", 8, None),
        ("paragraph", (), "text after", 10, None),
        ("table", ("Prices",), "Who: Adult; Price: 60 yuan Who: Child; Price: free", 13, None),
        ("paragraph", ("Prices", "When does it open?"), "At nine.", 15, None),
        ("paragraph", ("Prices", "Audio guide"), "40 yuan.", 16, None),
        ("picture", ("Prices",), "The wall in snow", 17, "a b.png"),
        ("picture", ("Prices",), "A gate", 18, "x.png"),
        ("paragraph", ("Prices",), "See the tower there.", 19, "y.png"),
        ("code", ("Prices",), "code 1   code 2", 21, None),
        ("paragraph", ("Prices",), "Last", 25, None),
        ("paragraph", ("Prices",), "Really last", 25, None),
    ]
    assert all(block.headings[0] == "Museum & Shop" for block in read_html(PAGE).blocks)
    assert [block.lead for block in read_html(PAGE).blocks if block.kind == "table"] == ["Tickets"]
    assert [line.depth for line in read_html(PAGE).blocks[1].lines] == [0, 1, 0]


def test_a_page_may_say_its_own_encoding(tmp_path: Path) -> None:
    file = tmp_path / "faq.html"
    file.write_bytes('<meta charset="gb2312"><p>九点开门</p>'.encode("gbk"))
    document = read_document(file)
    assert document.diagnostics == []
    assert document.blocks[0].lines[0].text.strip() == "九点开门"
    file.write_bytes("<p>九点开门</p>".encode("gbk"))
    assert [finding.code for finding in read_document(file).diagnostics] == ["P0103"]


def test_a_page_without_words_is_a_finding(tmp_path: Path) -> None:
    file = tmp_path / "empty.html"
    for content in ("<!-- x -->", "", "<script>x</script><nav>Home</nav>"):
        file.write_text(content, "utf-8")
        assert [finding.code for finding in read_document(file).diagnostics] == ["P0206"], content


def test_markup_nested_a_hundred_thousand_deep_is_read() -> None:
    assert read_html("<p>" * 100_000 + "x").blocks[-1].lines[0].text.strip() == "x"
