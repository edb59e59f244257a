"""What a translator is told of its file."""

from tasktrail.formats.translator import Source


def test_a_stem_ends_at_the_first_dot() -> None:
    """A leading dot is a part of the name."""
    assert Source("a.traj.json").stem == "a"
    assert Source(".aider.chat.history.md").stem == ".aider"
    assert Source("plain").stem == "plain"
