"""A step is repeated when one of its inputs has changed, and only then."""

from pathlib import Path

from deploy.places import LOCK, TEST_LOCK, digest, is_stamped


def test_a_fingerprint_tells_files_and_facts_apart() -> None:
    seen = {digest([LOCK]), digest([TEST_LOCK]), digest([LOCK, TEST_LOCK]), digest([LOCK], "other")}

    assert len(seen) == 4


def test_a_fingerprint_does_not_depend_on_the_order_of_files() -> None:
    assert digest([LOCK, TEST_LOCK]) == digest([TEST_LOCK, LOCK])


def test_a_step_is_due_until_its_stamp_says_otherwise(tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"
    assert not is_stamped(stamp, "now")

    stamp.write_text("before")
    assert not is_stamped(stamp, "now")

    stamp.write_text("now")
    assert is_stamped(stamp, "now")
