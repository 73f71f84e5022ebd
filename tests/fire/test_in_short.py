"""What `make soak` does for half an hour, for a minute: with a seed of its own, so that it is the same each time."""

from tests.fire import __main__ as fire
from tests.fire import lines


def test_nothing_is_lost_while_everything_breaks() -> None:
    assert fire.main(["--minutes", "0.6", "--disk-s", "6", "--seed", "3"]) == 0


def test_every_tab_shows_what_the_database_holds_however_its_line_breaks() -> None:
    assert lines.main(["--cuts", "100", "--gone-s", "5", "--seed", "3"]) == 0
