"""Who is due, as far as the quota reaches."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from tiktok_display.sync import Left, Plan, Requests, Synced
from tiktok_display.sync.plan import Due, quota

needs = st.builds(Requests, st.integers(0, 3), st.integers(0, 5))
dues = st.lists(needs, max_size=60).map(
    lambda each: [Due(str(n), n, needs) for n, needs in enumerate(each)]
)
budgets = st.builds(Requests, st.integers(0, 100), st.integers(0, 100))


def test_a_day_of_the_quota_is_what_the_guide_says() -> None:
    assert quota(86_400, 600) == Requests(820_800, 820_800)
    assert quota(3_600, 600) == Requests(34_200, 34_200)


@given(dues, budgets)
def test_a_plan_keeps_within_the_quota_and_names_the_rest(
    dues: list[Due], budget: Requests
) -> None:
    plan = Plan(dues, budget)
    taken = list(plan)
    assert budget.hold(plan.taken)
    own = [due for due in dues if due.open_id in {*taken}]
    left = [due for due in dues if due.open_id not in {*taken}]
    assert plan.taken == Requests(
        sum(due.needs.lists for due in own), sum(due.needs.lookups for due in own)
    )
    assert plan.left == Left(
        len(left),
        Requests(sum(due.needs.lists for due in left), sum(due.needs.lookups for due in left)),
        left[0].since if left else None,
    )


@given(dues, budgets)
def test_the_oldest_come_first_and_nobody_is_left_who_has_room(
    dues: list[Due], budget: Requests
) -> None:
    plan = Plan(dues, budget)
    taken = list(plan)
    assert taken == sorted(taken, key=int)
    assert not any(
        budget.hold(plan.taken.plus(due.needs)) for due in dues if due.open_id not in {*taken}
    )


def test_a_whole_history_is_charged_when_it_is_known() -> None:
    plan = Plan([Due(str(n), 0, Requests(1, 0)) for n in range(9)], Requests(10, 10))
    next(plan)
    plan.charge(Synced("0", 140, "active", lists=8))
    assert plan.taken == Requests(8, 0)
    assert len(list(plan)) == 2
    assert plan.left.creators == 6


def test_look_ups_beyond_those_expected_are_charged() -> None:
    plan = Plan([Due("0", 0, Requests(1, 3))], Requests(10, 10))
    next(plan)
    plan.charge(Synced("0", 140, "active", lists=1, lookups=2, expected=3))
    assert plan.taken == Requests(1, 3)
    plan.charge(Synced("0", 140, "active", lists=1, lookups=5, expected=3))
    assert plan.taken == Requests(1, 5)


def test_a_plan_looks_no_further_than_it_is_asked() -> None:
    asked = list[int]()

    def lazily() -> Iterator[Due]:
        for n in range(10**9):
            asked.append(n)
            yield Due(str(n), n, Requests(1, 0))

    plan = Plan(lazily(), Requests(10**9, 0))
    assert [next(plan), next(plan)] == ["0", "1"]
    assert len(asked) == 2
