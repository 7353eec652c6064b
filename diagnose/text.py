"""A sentence in both languages, and the languages themselves."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

import msgspec


class Language(StrEnum):
    JA = "ja"
    EN = "en"


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence or label, in Japanese and in English."""

    ja: str
    en: str

    def in_language(self, language: Language) -> str:
        match language:
            case Language.JA:
                return self.ja
            case Language.EN:
                return self.en
            case _:
                assert_never(language)


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of sentences, such as the steps of a remedy, in both languages; the lists have the same length."""

    ja: tuple[str, ...]
    en: tuple[str, ...]

    def in_language(self, language: Language) -> tuple[str, ...]:
        return self.ja if language is Language.JA else self.en
