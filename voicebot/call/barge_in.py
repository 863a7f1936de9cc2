"""What words over the bot's speech mean: an interruption, or a listener's "uh-huh"."""

from __future__ import annotations

import re
from typing import Final

UNKNOWN: Final = "[unk]"

BACK_CHANNELS: Final = {
    "en": frozenset(
        "uh huh hm hmm mm mhm um ah oh okay ok yes yeah yep right sure good fine alright i see go on got it".split()
    ),
    "de": frozenset("mhm hm hmm äh ähm ah oh okay ok ja jaja genau gut aha so alles klar richtig verstehe".split()),
}
MOST_BACK_CHANNEL_WORDS: Final = 4


def words_of(text: str) -> str:
    """The text without what the recogniser could not tell."""
    return " ".join(word for word in text.split() if word != UNKNOWN)


def is_back_channel(text: str, language: str) -> bool:
    """Whether the words only say "I am listening": they neither stop the bot nor answer it."""
    words = re.findall(r"\w+", words_of(text).lower())
    known = BACK_CHANNELS.get(language, BACK_CHANNELS["en"])
    return len(words) <= MOST_BACK_CHANNEL_WORDS and all(word in known for word in words)
