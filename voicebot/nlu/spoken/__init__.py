"""Spoken forms to values (English): "five double two oh seven" -> 52207, "a hundred and six dollars" -> 106.

Pure functions over one utterance. None means that the text does not say such a value; spans are the characters of
the text that say it, so that a transcript can mask them.
"""

from __future__ import annotations

from voicebot.nlu.spoken.amounts import SpokenAmount, amount
from voicebot.nlu.spoken.digit_strings import SpokenDigits, digits, digits_within
from voicebot.nlu.spoken.times import SpokenTime, clock_time

__all__ = [
    "SpokenAmount",
    "SpokenDigits",
    "SpokenTime",
    "amount",
    "clock_time",
    "digits",
    "digits_within",
]
