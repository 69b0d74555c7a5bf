"""Bring PyYAML's scanner nearer to YAML 1.2, where authors would notice.

A question mark or a colon may stand in a plain text inside of brackets ([When do you open?, …]), tabs may separate
what is not indentation, a key in braces may end on another line, names of anchors may be of any letters. Two things
that PyYAML lets pass are faults, because they hide a slip: a comment that touches the text before it, and a quoted
text that goes on at the margin of its key, where a quote was most likely forgotten. `scan_plain` and
`scan_plain_spaces` follow PyYAML 6.0.3 (MIT), lib/yaml/scanner.py, line by line.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.scanner import ScannerError

_BREAKS = "\r\n\x85\u2028\u2029"
_ENDS = "\0 \t" + _BREAKS
_FLOW = ",[]{}"
_LONGEST_KEY = 1024
TOUCHING_COMMENT = "a comment without a blank before it"
OUTDENTED_QUOTE = "found a line at the margin of the key"


class Loader(yaml.SafeLoader):
    """Scan and parse; nodes are built elsewhere."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._opened: list[bool] = []  # for each open bracket, whether it is a brace
        self._after_json = -1  # the number of the token after a quoted text or a closing bracket

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
                if self.column and self.buffer[self.pointer - 1] not in " \t\ufeff":
                    raise ScannerError(None, None, TOUCHING_COMMENT, self.get_mark())
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

    def check_value(self) -> bool:
        """Tell whether a colon ends a key; in brackets, too, only before a blank, or after what is quoted."""
        if self.peek(1) in _ENDS:
            return True
        adjacent = self._after_json == self.tokens_taken + len(self.tokens)
        return bool(self.flow_level) and (adjacent or self.peek(1) in _FLOW)

    def fetch_flow_scalar(self, style: str) -> None:
        """Take a quoted text; a colon may follow it at once."""
        super().fetch_flow_scalar(style)
        self._after_json = self.tokens_taken + len(self.tokens)

    def fetch_flow_collection_start(self, token: Any) -> None:
        """Open a bracket."""
        super().fetch_flow_collection_start(token)
        self._opened.append(token is yaml.FlowMappingStartToken)

    def fetch_flow_collection_end(self, token: Any) -> None:
        """Close a bracket; a colon may follow it at once."""
        super().fetch_flow_collection_end(token)
        del self._opened[-1:]
        self._after_json = self.tokens_taken + len(self.tokens)

    def stale_possible_simple_keys(self) -> None:
        """Forget what can no longer be a key: another line has begun, unless it is in braces, or it is too long."""
        for level, key in list(self.possible_simple_keys.items()):
            in_braces = 0 < level <= len(self._opened) and self._opened[level - 1]
            if (key.line != self.line and not in_braces) or self.index - key.index > _LONGEST_KEY:
                if key.required:
                    raise ScannerError(
                        "while scanning a simple key", key.mark, "could not find expected ':'", self.get_mark()
                    )
                del self.possible_simple_keys[level]

    def scan_anchor(self, token: Any) -> Any:
        """Scan the name of an anchor or alias: all up to a blank, a comma, a bracket or the colon of a key."""
        start = self.get_mark()
        what = "alias" if self.peek() == "*" else "anchor"
        self.forward()
        length = 0
        while (sign := self.peek(length)) not in _ENDS + _FLOW:
            if sign == ":" and self.peek(length + 1) in _ENDS:
                break
            length += 1
        name = self.prefix(length)
        if not length or "*" in name:  # *so* is a word with stress, no alias
            raise ScannerError(f"while scanning an {what}", start, "expected a name", self.get_mark())
        self.forward(length)
        return token(name, start, self.get_mark())

    def scan_flow_scalar_breaks(self, double: bool, start_mark: Any) -> list[str]:
        """Scan line breaks in a quoted text; what follows stands deeper than the key."""
        breaks: list[str] = []
        while True:
            if self.prefix(3) in ("---", "...") and self.peek(3) in _ENDS:
                problem = "found unexpected document separator"
                raise ScannerError("while scanning a quoted scalar", start_mark, problem, self.get_mark())
            while self.peek() in " \t":
                self.forward()
            if self.peek() not in _BREAKS:
                break
            breaks.append(self._line_break())
        if self.column <= self.indent and self.peek() != "\0":
            raise ScannerError("while scanning a quoted scalar", start_mark, OUTDENTED_QUOTE, self.get_mark())
        return breaks

    def parse_implicit_document_start(self) -> Any:
        """Begin a document; the end of one that never began is passed over."""
        while self.check_token(yaml.DocumentEndToken):
            self.get_token()  # type: ignore[no-untyped-call]
        return super().parse_implicit_document_start()  # type: ignore[no-untyped-call]

    def check_plain(self) -> bool:
        """Tell whether a plain text begins here."""
        sign = self.peek()
        if sign not in _ENDS + "-?:,[]{}#&*!|>'\"%@`":
            return True
        if self.peek(1) in _ENDS or (self.flow_level and self.peek(1) in _FLOW):
            return False
        return sign in "-?:"

    def scan_plain(self) -> Any:
        """Scan a plain text."""
        chunks: list[str] = []
        start_mark = end_mark = self.get_mark()
        indent = self.indent + 1
        spaces: list[str] | None = []
        ends = _ENDS + (_FLOW if self.flow_level else "")
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
