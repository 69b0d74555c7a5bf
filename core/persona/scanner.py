"""Bring PyYAML's scanner nearer to YAML 1.2, where authors would notice.

A question mark may stand in a plain text inside of brackets ([When do you open?, …]), and tabs may separate what is
not indentation. `scan_plain` and `scan_plain_spaces` follow PyYAML 6.0.3 (MIT), lib/yaml/scanner.py, line by line.
"""

from __future__ import annotations

from typing import Any

import yaml

_BREAKS = "\r\n\x85\u2028\u2029"
_ENDS = "\0 \t" + _BREAKS


class Loader(yaml.SafeLoader):
    """Scan and parse; nodes are built elsewhere."""

    def scan_to_next_token(self) -> None:
        """Skip blanks, comments and line breaks; tabs too, unless they would be indentation."""
        if self.index == 0 and self.peek() == "\ufeff":
            self.forward()
        indentation = self.column == 0
        while True:
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or not indentation)):
                self.forward()
            if self.peek() == "\t" and self._only_blanks_follow():
                continue
            if self.peek() == "#":
                while self.peek() not in "\0" + _BREAKS:
                    self.forward()
            if not self._line_break():
                return
            indentation = True
            if not self.flow_level:
                self.allow_simple_key = True

    def _line_break(self) -> str:
        return str(self.scan_line_break())  # type: ignore[no-untyped-call]

    def _only_blanks_follow(self) -> bool:
        """Skip the blanks of a line that has nothing else, or only a comment."""
        length = 0
        while self.peek(length) in " \t":
            length += 1
        if self.peek(length) not in "#\0" + _BREAKS:
            return False
        self.forward(length)
        return True

    def check_key(self) -> bool:
        """Tell whether a question mark begins a key; inside of brackets, too, only with a blank after it."""
        return bool(self.peek(1) in _ENDS)

    def check_plain(self) -> bool:
        """Tell whether a plain text begins here."""
        sign = self.peek()
        if sign not in _ENDS + "-?:,[]{}#&*!|>'\"%@`":
            return True
        if self.peek(1) in _ENDS or (self.flow_level and self.peek(1) in ",[]{}"):
            return False
        return sign in "-?" or (sign == ":" and not self.flow_level)

    def scan_plain(self) -> Any:
        """Scan a plain text."""
        chunks: list[str] = []
        start_mark = end_mark = self.get_mark()
        indent = self.indent + 1
        spaces: list[str] | None = []
        ends = _ENDS + (",[]{}" if self.flow_level else "")
        while self.peek() != "#":
            length = 0
            while True:
                sign = self.peek(length)
                if sign in ends or (sign == ":" and self.peek(length + 1) in ends):
                    break
                length += 1
            if length == 0:
                break
            self.allow_simple_key = False
            chunks.extend(spaces or ())
            chunks.append(self.prefix(length))
            self.forward(length)
            end_mark = self.get_mark()
            spaces = self.scan_plain_spaces(indent, start_mark)
            if not spaces or (not self.flow_level and self.column < indent):
                break
        return yaml.ScalarToken("".join(chunks), True, start_mark, end_mark)

    def scan_plain_spaces(self, indent: int, start_mark: Any) -> list[str] | None:
        """Scan what separates the words of a plain text: blanks and tabs, or line breaks."""
        length = 0
        while self.peek(length) in " \t":
            length += 1
        whitespaces = self.prefix(length)
        self.forward(length)
        if self.peek() not in _BREAKS:
            return [whitespaces] if whitespaces else []
        line_break = self._line_break()
        self.allow_simple_key = True
        breaks: list[str] = []
        while True:
            if self.prefix(3) in ("---", "...") and self.peek(3) in _ENDS:
                return None
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or self.column >= indent)):
                self.forward()
            if self.peek() not in _BREAKS:
                break
            breaks.append(self._line_break())
        if line_break != "\n":
            return [line_break, *breaks]
        return breaks or [" "]
