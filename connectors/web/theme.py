"""A persona's theme as a style sheet: its colours for light and dark, each with ink that can be read on it.

Contrast is that of WCAG 2.2. Knows the names of the page's variables, nothing else of the page.
"""

from __future__ import annotations

from .settings import Theme

LIGHT, DARK = "#ffffff", "#10201b"
READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text with what is behind it


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, from 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """Return the white or the black that reads better on a colour."""
    return max((LIGHT, DARK), key=lambda ink: contrast(ink, colour))


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share, from 0 to 1, of another."""
    pairs = [(int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def legible(colour: str, paper: str) -> str:
    """Return a colour moved towards black or white until it can be read as text on a paper."""
    goal = ink_on(paper)
    steps = (mixed(colour, goal, step / 20) for step in range(21))
    return next((step for step in steps if contrast(step, paper) >= READABLE), goal)


def style_sheet(theme: Theme) -> str:
    """Return the CSS that overrides the page's own variables; empty rules where nothing is set."""
    plain: dict[str, str] = {}
    dark: dict[str, str] = {}
    paper = theme.paper or "#f5f6f3"
    if theme.accent:
        plain |= _accent(theme.accent, paper)
        dark |= _accent(theme.accent_dark or mixed(theme.accent, LIGHT, 0.45), "#111715")
    elif theme.accent_dark:
        dark |= _accent(theme.accent_dark, "#111715")
    if theme.paper:
        plain |= {"paper": theme.paper, "stage": mixed(theme.paper, "#000000", 0.06), "glow": theme.paper}
    if theme.ink:
        plain |= {"ink": legible(theme.ink, paper)}
    shape = {"round": f"{theme.radius}px"} if theme.radius is not None else {}
    return (
        "/* The persona's own colours. */\n"
        + _rule(plain, "(prefers-color-scheme: light)")
        + _rule(dark, "(prefers-color-scheme: dark)")
        + _rule(shape, "all")
    )


def _accent(accent: str, paper: str) -> dict[str, str]:
    solid = legible(accent, paper)
    return {
        "jade": solid,
        "jade-deep": mixed(solid, ink_on(paper), 0.15),
        "on-jade": ink_on(solid),
        "mine": solid,
        "on-mine": ink_on(solid),
        "tint": mixed(paper, solid, 0.12),
    }


def _rule(values: dict[str, str], medium: str) -> str:
    lines = " ".join(f"--{name}: {value};" for name, value in values.items())
    return f"@media {medium} {{ :root {{ {lines} }} }}\n" if lines else ""
