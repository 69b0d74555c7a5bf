"""The questions of personac init, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from ..persona.language import script_of
from ..persona.starter.wishes import DOMAINS, LANGUAGES, TONES

_BELOW = "\n   > "
_WORDS = {
    "en": {
        "begin": "Five questions, and there is a persona that works. Enter takes what stands in [brackets].",
        "name": "1  What is it called?",
        "summary": "2  What is it for, in a sentence?",
        "languages": "3  Which languages does it speak? en, zh, or both, the first by default",
        "knowledge": "4  What does it know? Write a question that people ask, then the answer; as many as you like.\n"
        "   Enter alone ends the list; without any, it begins with examples.",
        "question": "   question",
        "answer": "   answer",
        "domain": "   Examples of what? shop or museum",
        "tone": "5  How does it speak? 1 casual, 2 neutral, 3 formal",
        "unknown": "please choose one of: {choices}",
        "ready": "{folder} is ready.\n"
        "  talk with it     personac chat {folder}\n"
        "  make it yours    {folder}/persona.yaml and {folder}/knowledge/faq.csv\n"
        "  check it         personac check {folder}\n"
        "  test it          personac test {folder}",
    },
    "zh": {
        "begin": "回答五个问题，就有一个能用的角色。直接按回车，就采用[方括号]里的内容。",
        "name": "1  它叫什么名字？",
        "summary": "2  用一句话说，它是做什么的？",
        "languages": "3  它说哪些语言？zh、en 或两种都写，第一种是默认语言",
        "knowledge": "4  它知道什么？写一个大家常问的问题，再写答案，可以写很多条。\n"
        "   直接按回车结束；一条也不写，就从示例开始。",
        "question": "   问题",
        "answer": "   答案",
        "domain": "   用哪种示例？shop（商店）或 museum（博物馆）",
        "tone": "5  它怎么说话？1 亲切随意，2 平实，3 正式",
        "unknown": "请从这些里面选：{choices}",
        "ready": "{folder} 已经准备好了。\n"
        "  和它聊天    personac chat {folder}\n"
        "  改成自己的  {folder}/persona.yaml 和 {folder}/knowledge/faq.csv\n"
        "  检查        personac check {folder}\n"
        "  测试        personac test {folder}",
    },
}


def author_language(name: str, environ: Mapping[str, str]) -> str:
    """Return the language to speak with an author in: by the script of the name, else by the terminal's locale."""
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "zh" if script_of(name) == "han" or locale.startswith("zh") else "en"


class Interview:
    """Ask an author what a new persona shall be; what is known already is not asked."""

    def __init__(self, language: str) -> None:
        self.speak(language)

    def speak(self, language: str) -> None:
        """Go on in a language."""
        self.language = language
        self._words = _WORDS[language]

    def begin(self) -> None:
        """Say what will come."""
        click.echo(self._words["begin"] + "\n")

    def name(self, known: str | None, fault: Callable[[str], str | None]) -> str:
        """Return the name; ask until there is no fault in it."""
        while True:
            given = str(click.prompt(self._words["name"], default=known, prompt_suffix=_BELOW))
            found = fault(given)
            if found is None:
                return given
            click.echo(f"   {found}")

    def summary(self, known: str | None) -> str:
        """Return what the persona is for; an empty text when the author says nothing."""
        return known if known is not None else self._ask("summary")

    def languages(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """Return the languages, the first by default."""
        while not known:
            given = self._ask("languages", self.language).lower().replace(",", " ").replace("、", " ")
            codes = tuple(dict.fromkeys(given.replace("，", " ").split()))
            if codes and set(codes) <= set(LANGUAGES):
                known = codes
            else:
                self._again(LANGUAGES)
        self.speak(known[0])
        return known

    def knowledge(
        self, faq: tuple[tuple[str, str], ...], domain: str | None
    ) -> tuple[tuple[tuple[str, str], ...], str | None]:
        """Return questions with their answers, or the domain whose examples to begin with."""
        if faq or domain:
            return faq, domain
        click.echo(self._words["knowledge"])
        rows: list[tuple[str, str]] = []
        while question := self._ask("question", suffix=": ").strip():
            answer = self._ask("answer", suffix=": ").strip()
            if answer:
                rows.append((question, answer))
        return tuple(rows), None if rows else self._choose("domain", DOMAINS)

    def tone(self, known: str | None) -> str:
        """Return how the persona speaks."""
        return known or self._choose("tone", TONES)

    def ready(self, folder: Path) -> str:
        """Return what to do next."""
        return self._words["ready"].format(folder=folder)

    def _choose(self, what: str, choices: tuple[str, ...]) -> str:
        while True:
            given = self._ask(what, choices[0]).strip().lower()
            if given in choices:
                return given
            if given.isdecimal() and 1 <= int(given) <= len(choices):
                return choices[int(given) - 1]
            self._again(choices)

    def _again(self, choices: tuple[str, ...]) -> None:
        click.echo("   " + self._words["unknown"].format(choices=", ".join(choices)))

    def _ask(self, what: str, default: str = "", suffix: str = _BELOW) -> str:
        shown = bool(default)
        return str(click.prompt(self._words[what], default=default, show_default=shown, prompt_suffix=suffix))
