"""Every code has a page, and what the page shows is what the checker says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from personac.core.cli.explain import explain_command
from personac.core.compile.lints.run import lint_persona
from personac.core.diagnostics import CODES, Diagnostic, has_errors, render
from personac.core.explain.pages import ExampleFile, page, parse, readable, texts
from personac.core.persona.check import check
from personac.core.persona.plugin_facts import PluginFacts
from personac.core.persona.plugin_use import PluginUse
from personac.core.registry import connector_faults, plugin_facts


def facts(use: PluginUse) -> PluginFacts:
    """Return the facts of what is installed here, and of a plugin that does not fit."""
    return PluginFacts(True, fault="it does not fit") if use.name == "unfit" else plugin_facts(use)


INSTALLED = {
    "plugins": {"tourism", "unfit"},
    "facts": facts,
    "connectors": {"web", "telegram", "slack"},
    "settings": connector_faults,
    "voices": {"espeak", "coqui"},
}


def found(files: tuple[ExampleFile, ...], folder: Path, understood: bool = False) -> list[Diagnostic]:
    """Return what is found in some files: by their form, or by what they mean."""
    for file in files:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content())
    loaded = check(folder, **INSTALLED)
    return lint_persona(folder, loaded, lambda *_: None) if understood else loaded.diagnostics


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(explain_command, list(words))
    return result.exit_code, result.output


@pytest.mark.parametrize("code", sorted(CODES))
def test_the_bad_example_of_a_page_has_its_finding_and_the_good_one_has_none(code: str, tmp_path: Path) -> None:
    about = page(code)
    assert about is not None, f"core/explain/{code}.md is missing"
    assert (about.code, about.title) == (code, CODES[code])
    assert about.why
    understood = code.startswith("P04")
    assert code in [finding.code for finding in found(about.bad, tmp_path / "bad", understood)]
    good = found(about.good, tmp_path / "good")
    assert not good, render(good)
    if understood:  # an example is too short to please all lints
        assert code not in [finding.code for finding in found(about.good, tmp_path / "good", understood)]


def test_a_page_is_printed_whatever_the_case_of_its_code() -> None:
    code, shown = run("p0107")
    assert code == 0
    assert shown == page("P0107").text  # type: ignore[union-attr]
    assert run("107") == run("P0107") == (0, shown)
    assert "\x1b" not in shown


def test_several_pages_are_printed_one_after_the_other() -> None:
    _, shown = run("P0301", "P0302")
    assert shown.index("# P0301:") < shown.index("# P0302:")


def test_without_a_code_all_are_listed_with_their_titles() -> None:
    code, shown = run()
    assert code == 0
    assert shown.splitlines() == [f"{code}  {title}" for code, title in sorted(CODES.items())]


@pytest.mark.parametrize(
    ("given", "named"), [("P01O7", "P0107"), ("P0188", "P0118"), ("regular expression", "P0307"), ("Secret", "P0309")]
)
def test_an_unknown_code_suggests_the_nearest(given: str, named: str) -> None:
    code, shown = run(given)
    assert code == 1
    assert f"there is no finding {given}" in shown
    assert f"{named} ({CODES[named]})" in shown


def test_a_word_that_no_finding_is_about_leads_to_the_list() -> None:
    code, shown = run("xyz")
    assert code == 1
    assert "`personac explain` lists all codes" in shown


def test_on_a_terminal_the_name_of_each_file_stands_before_its_text() -> None:
    shown = readable(page("P0204").text)  # type: ignore[union-attr]
    assert "`knowledge/faq.csv`\n\n```csv\nquestion,answer\n" in shown


def test_sarif_takes_all_pages_along() -> None:
    assert set(texts()) == set(CODES)


def test_an_example_file_may_be_in_another_encoding_or_repeat_its_last_line() -> None:
    about = parse(
        "# P0102: t\n\nWhy.\n\n## Bad\n\n```csv a.csv encoding=gbk repeat=3\n问题\n答\n```\n"
        "\n## Good\n\n```text\n## Bad\n```\n"
    )
    (file,) = about.bad
    assert file.content() == "问题\n答\n答\n答\n".encode("gbk")
    assert about.good == ()
    assert about.why == "Why."


@pytest.mark.parametrize(
    "text", ["P0102\n", "# P0102: t\n\n## Good\n\n## Bad\n", "# P0102: t\n\n## Bad\n```a b size=3\n```\n## Good\n"]
)
def test_a_page_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"page|unknown"):
        parse(text)


def test_a_good_example_would_not_pass_with_a_fault_in_it(tmp_path: Path) -> None:
    assert has_errors(found((ExampleFile("persona.yaml", "personac: 1\n"),), tmp_path))
