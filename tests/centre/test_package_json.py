from __future__ import annotations

import json

import pytest
from hypothesis import given

from tests.centre.packages import package, packages
from voicebot.call.handoff import HandOffPackage
from voicebot.centre.package_json import decode, encode


@given(packages)
def test_a_package_comes_back_as_it_was(original: HandOffPackage) -> None:
    back = decode(json.loads(json.dumps(encode(original))))
    assert back == original
    assert [type(slot.value) for slot in back.slots] == [type(slot.value) for slot in original.slots]


def test_the_keys_are_the_fields() -> None:
    values = encode(package())
    assert values["reason"] == "user_request"
    assert values["transcript"][1]["intents"] == [{"name": "human", "confidence": 0.97}]
    assert values["slots"][0]["value"] == "••••4321"


def test_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="reason"):
        decode({**encode(package()), "reason": "boredom"})
