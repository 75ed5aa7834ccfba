"""What the soak sends: every finding as often as it is asked for, in an order that the seed alone decides."""

from collections import Counter

from tests.soak.documents import subjects
from tests.soak.findings import episodes, shuffled
from tests.things import AT

FOUND = episodes(subjects(8), 40, AT)


def test_each_subject_has_as_many_episodes_as_the_others_each_with_its_own_incident() -> None:
    assert set(Counter(episode.subject for episode in FOUND).values()) == {5}
    assert len({episode.incident for episode in FOUND}) == len(FOUND)


def test_every_copy_of_an_episode_is_the_same_event() -> None:
    assert FOUND[0].event() == FOUND[0].event()
    assert FOUND[0].event() != FOUND[8].event()


def test_the_seed_decides_the_order_and_nothing_is_left_out() -> None:
    first, again, other = (shuffled(FOUND, 3, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert Counter(first) == Counter(other) == Counter(FOUND * 3)
