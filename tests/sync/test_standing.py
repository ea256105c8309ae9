"""How far a list is known: nothing is lost, wherever it was interrupted and whatever is posted."""

from hypothesis import given
from hypothesis import strategies as st

from tiktok_display.sync.standing import Standing, Walk

PAGE = 3


def test_at_first_everything_is_listed() -> None:
    assert Standing().walk == Walk(None, None)


def test_what_was_had_to_its_end_is_listed_from_its_newest_second_on() -> None:
    standing = Standing().ended(1_000)
    assert standing.walk == Walk(1_000, None)
    assert standing.ended(None) == standing
    assert standing.ended(1_200).newest == 1_200


def test_an_unfinished_walk_goes_on_where_it_was() -> None:
    standing = Standing(newest=500).went_on(1_000, 700_999)
    assert standing.walk == Walk(500, 700_999)
    assert standing.ended(650) == Standing(newest=1_000)


def test_a_walk_without_a_page_was_not_begun() -> None:
    assert Standing(newest=500).went_on(None, None) == Standing(newest=500)


posts = st.lists(st.integers(1, 60), max_size=40)


@given(posts, st.lists(st.tuples(posts, st.integers(0, 6)), max_size=6))
def test_nothing_is_lost_wherever_walks_are_interrupted(
    first: list[int], later: list[tuple[list[int], int]]
) -> None:
    posted, had, standing, now = sorted(first), set[int](), Standing(), 60
    runs = [*later, ([], 99), ([], 99)]  # the last ones come to their end
    for new, pages in runs:
        posted += [now + second for second in new]
        now += 60
        standing = listed(posted, had, standing, pages)
    assert had == set(posted)
    assert not standing.is_unfinished


def listed(posted: list[int], had: set[int], standing: Standing, pages: int) -> Standing:
    """So many pages of what is asked for, newest first."""
    since, cursor = standing.walk
    left = sorted({at for at in posted if cursor is None or at * 1000 <= cursor}, reverse=True)
    left = [at for at in left if since is None or at >= since]
    for _ in range(pages):
        page, left = left[:PAGE], left[PAGE:]
        had.update(page)
        newest = max(page, default=None)
        if not left:
            return standing.ended(newest)
        standing = standing.went_on(newest, page[-1] * 1000 + 999)
    return standing
