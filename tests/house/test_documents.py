"""The pages hold together: links lead somewhere, the README stays short, nothing private is in."""

import re
from pathlib import Path

from tests.house.tree import REPOSITORY, length_of, tracked_files

MAX_README_LINES = 150
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)

# Where packages come from and where a checkout lies is each machine's own business.
# Written in pieces, so that this file does not find itself.
PRIVATE = re.compile(
    "|".join(
        [
            r"(?<![\w.~-])/(?:" + "wo" + "rk|ro" + "ot)/",
            r"/op" + r"t/(?:wheels|pypi)",
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            "registry" + r"\.npmjs",
            "registry" + r"\.yarnpkg",
        ]
    )
)


def markdown_files(repository: Path) -> list[Path]:
    """Every tracked page."""
    return [path for path in tracked_files(repository) if path.suffix == ".md"]


def broken_links(pages: list[Path]) -> list[str]:
    """Relative links that lead to no file, or to a heading that is not there."""
    return [
        f"{page.name}: {link}"
        for page in pages
        for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
        if "://" not in link and not link.startswith("mailto:")
        if not _leads_somewhere(page, link)
    ]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return False
    return not anchor or anchor in _anchors_of(target)


def _anchors_of(page: Path) -> set[str]:
    headings = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in headings}


def private_words(files: list[Path]) -> list[str]:
    """Lines that name a package registry or a place on somebody's machine."""
    found = []
    for path in files:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture or an archive
        found += [f"{path}:{n}" for n, line in enumerate(lines, 1) if PRIVATE.search(line)]
    return found


def test_every_relative_link_leads_somewhere() -> None:
    """Links between our pages name files and headings that exist."""
    assert broken_links(markdown_files(REPOSITORY)) == []


def test_the_readme_stays_short() -> None:
    """The first page is read in a few minutes."""
    assert length_of(REPOSITORY / "README.md") <= MAX_README_LINES


def test_nothing_private_is_in_the_repository() -> None:
    """No file names a package registry or a path of the machine it was written on."""
    assert private_words(tracked_files(REPOSITORY)) == []


def test_a_planted_dead_link_is_found(tmp_path: Path) -> None:
    """A link to a missing file and one to a missing heading are both named."""
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](gone.md) [b](#there) [c](#here)\n", encoding="utf-8")

    assert broken_links([page]) == ["page.md: gone.md", "page.md: #there"]


def test_a_planted_machine_path_is_found(tmp_path: Path) -> None:
    """A path below the super-user's home is named with its line."""
    page = tmp_path / "page.md"
    page.write_text("fine\ncd /ro" + "ot/project\n", encoding="utf-8")

    assert private_words([page]) == [f"{page}:2"]
