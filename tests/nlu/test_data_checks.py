"""Probable mistakes in training data."""

from __future__ import annotations

from pathlib import Path

from tests.nlu.conftest import DEMO, WriteProject
from voicebot.nlu.data import read_training_data
from voicebot.nlu.data_checks import check_training_data


def notices(project: Path) -> list[str]:
    """The notices without the directory."""
    return [str(n).rpartition("/")[2] for n in check_training_data(read_training_data(project), project)]


def test_each_probable_mistake_is_reported_in_its_place(write_project: WriteProject) -> None:
    project = write_project(
        a="""\
            nlu:
              - intent: lonely
                examples: |
                  - hello there
              - intent: other
                examples: |
                  - Hello, there!
                  - my [savings(account) please
                  - from [rome](city)
            """
    )
    (project / "domain.yml").write_text("intents:\n  - lonely\n  - other: {use_entities: []}\nentities: [account]\n")
    assert notices(project) == [
        "a.yml:4: the intent 'lonely' has one example; write at least two, better twenty",
        "a.yml:7: 'Hello, there!' is an example of 'other' and, at a.yml:4, of 'lonely'; keep one",
        "a.yml:8: unbalanced brackets in 'my [savings(account) please'; write [text](entity)",
        "a.yml:9: the entity 'city' is not in domain.yml; add it under `entities:`",
    ]


def test_an_intent_that_the_domain_lacks_is_reported_once(tiny: Path) -> None:
    (tiny / "domain.yml").write_text("intents: [greet]\n")
    assert notices(tiny) == ["tiny.yml:11: the intent 'fly' is not in domain.yml; add it under `intents:`"]


def test_without_a_domain_nothing_is_undeclared(tiny: Path) -> None:
    assert notices(tiny) == []


def test_a_lookup_value_without_a_mark_is_reported(write_project: WriteProject) -> None:
    project = write_project(
        a="""\
            nlu:
              - intent: hours
                examples: |
                  - when is the [airport](branch) open
                  - Airport hours
                  - hours in the big town
                  - is [main street airport]{"entity": "branch", "value": "airport"} open
              - intent: other
                examples: |
                  - main menu
                  - a ride to the airport from new york airport
            """,
        b="""\
            nlu:
              # ordinary words: main, new york
              - lookup: branch
                examples: |
                  - airport
                  - main
                  - new york
              - synonym: airport
                examples: |
                  - big town
            """,
    )
    advice = "or, if it often means something else, name it in a comment `# ordinary words: "
    assert notices(project) == [
        f"a.yml:5: 'Airport' is a value of 'branch'; write [Airport](branch), {advice}Airport`",
        f"a.yml:6: 'big town' is a value of 'branch'; write [big town](branch), {advice}big town`",
        *[f"a.yml:11: 'airport' is a value of 'branch'; write [airport](branch), {advice}airport`"] * 2,
    ]


def test_the_demo_has_no_probable_mistake() -> None:
    assert notices(DEMO) == []
