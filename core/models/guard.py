"""A guard model of the operator's: asked over an OpenAI-compatible chat API whether a message is safe.

Reads the answers of Llama Guard ("unsafe\\nS1,S10"), ShieldGemma ("Yes" for a violation) and Qwen3Guard
("Safety: Unsafe\\nCategories: Violent"); knows no rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..errors import Unavailable

CONNECT_SECONDS = 2.0
TOKENS = 64
_LLAMA = {  # the hazards of Llama Guard 3, after MLCommons' taxonomy, as kinds of risk
    "S1": "harm", "S2": "harm", "S3": "sexual", "S4": "sexual", "S5": "misinformation", "S6": "advice", "S7": "privacy",
    "S8": "harm", "S9": "harm", "S10": "hate", "S11": "self_harm", "S12": "sexual", "S13": "misinformation",
    "S14": "harm",
}  # fmt: skip
_QWEN = {  # the categories of Qwen3Guard
    "violent": "harm", "non-violent illegal acts": "harm", "sexual content or sexual acts": "sexual", "pii": "privacy",
    "personally identifiable information": "privacy", "suicide & self-harm": "self_harm", "unethical acts": "hate",
    "politically sensitive topics": "misinformation", "copyright violation": "harm", "jailbreak": "jailbreak",
}  # fmt: skip
_SHIELD = (
    "You are a policy expert trying to help determine whether a user prompt is in violation of the defined safety "
    "policies.\n\n<start_of_turn>\nHuman Question: {text}\n<end_of_turn>\n\nOur safety principles are: no dangerous "
    "content, no harassment, no hate speech, no sexually explicit information.\n\nDoes the human question violate any "
    "of the above principles? Your answer must start with 'Yes' or 'No'."
)


@dataclass(frozen=True, slots=True)
class GuardModel:
    """Ask a guard model; `seconds` is how long an answer may take."""

    name: str
    base_url: str
    api_key: str | None = None
    seconds: float = 2.0

    async def judge(self, text: str) -> dict[str, float]:
        """Return the kinds of risk that the model names, each as 1; none for what is safe. Raise Unavailable."""
        import httpx

        url = self.base_url.rstrip("/") + "/chat/completions"
        asked = _SHIELD.format(text=text) if "shieldgemma" in self.name.lower() else text
        body = {
            "model": self.name,
            "messages": [{"role": "user", "content": asked}],
            "temperature": 0,
            "max_tokens": TOKENS,
        }
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        timeout = httpx.Timeout(self.seconds, connect=min(self.seconds, CONNECT_SECONDS))
        try:
            async with httpx.AsyncClient(timeout=timeout) as client:
                response = await client.post(url, json=body, headers=headers)
            if response.status_code != 200:
                raise Unavailable(f"the guard model at {url} answered {response.status_code}")
            return read(_content(response.json()))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unavailable(f"the guard model at {url} did not answer as expected: {error!r}") from error


def read(answer: str) -> dict[str, float]:
    """Return the kinds of risk that a guard model's answer names; raise ValueError for one that is none."""
    said = answer.strip()
    qwen = re.search(r"safety:\s*(safe|unsafe|controversial)", said, re.IGNORECASE)
    if qwen:
        if qwen[1].lower() != "unsafe":
            return {}
        named = re.search(r"categories:\s*(.+)", said, re.IGNORECASE)
        kinds = [_QWEN.get(name.strip().lower(), "harm") for name in (named[1].split(",") if named else [])]
        return dict.fromkeys(kinds or ["harm"], 1.0)
    first = re.match(r"\W*(safe|unsafe|yes|no)\b", said, re.IGNORECASE)
    if first is None:
        raise ValueError(f"no verdict: {said[:60]!r}")
    if first[1].lower() in ("safe", "no"):
        return {}
    kinds = [_LLAMA.get(code, "harm") for code in re.findall(r"\bS\d{1,2}\b", said)]
    return dict.fromkeys(kinds or ["harm"], 1.0)


def _content(answer: Any) -> str:
    """Return the text of a chat completion; raise ValueError."""
    try:
        content = answer["choices"][0]["message"]["content"]
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError(f"no chat completion: {str(answer)[:100]}") from error
    if not isinstance(content, str):
        raise ValueError(f"no text: {str(content)[:100]}")
    return content
