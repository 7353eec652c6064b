"""Every sentence of the program itself, in both languages; the sentences about products live in `rules/`.

A `Message` carries an id and values; only the renderer that knows the reader's language turns it into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from diagnose.text import Language, Text


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    values: Mapping[str, object] = field(default_factory=dict)
    hint: Message | None = None
    """What to do about it, shown in brackets behind the sentence."""

    def in_language(self, language: Language) -> str:
        values = {
            name: value.in_language(language) if isinstance(value, Message | Text) else value
            for name, value in self.values.items()
        }
        sentence = catalogue()[self.id].in_language(language).format(**values)
        if self.hint is None:
            return sentence
        hint = self.hint.in_language(language)
        return f"{sentence}（{hint}）" if language is Language.JA else f"{sentence} ({hint})"


def message(id: str, hint: Message | None = None, /, **values: object) -> Message:  # noqa: A002
    return Message(id, values, hint)


def did_you_mean(name: str | None) -> Message | None:
    return None if name is None else message("did-you-mean", name=name)


@cache
def catalogue() -> Mapping[str, Text]:
    from diagnose import message_catalogue

    return {name: Text(ja=ja, en=en) for name, (ja, en) in message_catalogue.SENTENCES.items()}
