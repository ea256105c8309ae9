"""The promises of the token core, in every order of events that Hypothesis can think of.

Several replicas of the real credentials share a store and a model of TikTok; who takes the next
step, and how it goes wrong, is drawn. ``TIKTOK_DISPLAY_MODEL=20000`` looks at so many plays, other
ones each time.
"""

import os

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.reliability.model.diary import Answer, Diary
from tests.reliability.model.promises import PROMISES, is_lost
from tests.reliability.model.replicas import APP, Replica
from tests.reliability.model.stage import Actor, Stage
from tests.reliability.model.tiktok import Rules, TikTok
from tests.reliability.model.worlds import START, World
from tiktok_display import (
    MemoryTokenStore,
    ReauthorizationRequired,
    TikTokError,
    UserCredentials,
)
from tiktok_display.stores import Key

CREATORS = ["ann", "bob"]
CROWD = 12
DAY = 86_400.0  # s
EXAMPLES = int(os.environ.get("TIKTOK_DISPLAY_MODEL", "0"))

creators = st.sampled_from([*CREATORS, CREATORS[0]])
replicas = st.integers(0, 2)
picks = st.integers(0, CROWD - 1)
# How the next steps go: 0 is well, another number the trouble of that number. An expired token is
# read, leased, asked for and answered, and the next one committed: so most steps must go well.
fates = st.lists(st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]), min_size=1, max_size=9)


def can(actor: Actor, fate: int) -> bool:
    """Whether an actor's next step can go like that; few callers are in a hurry."""
    if not fate:
        return actor.is_ready
    return bool(actor.troubles) and (fate == 7 or actor.troubles != ("timeout",))


class Model(RuleBasedStateMachine):
    """The play; what is promised of it is in `promises`."""

    @initialize(
        life=st.sampled_from([7_200, 86_400, 90, 1]),
        consent=st.sampled_from([8_640_000, 8_640_000, 90_000]),
        grace=st.sampled_from([0.0, 0.0, 60.0]),
        kills_access=st.booleans(),
    )
    def open(self, life: int, consent: int, grace: float, kills_access: bool) -> None:
        self.stage, self.diary, self.life = Stage(), Diary(), life
        rules = Rules(life=life, consent=consent, grace=grace, kills_access=kills_access)
        self.tiktok = TikTok(rules, lambda: START + self.stage.now)
        store = MemoryTokenStore(clock=lambda: self.stage.now)
        self.world = World(self.stage, self.tiktok, self.diary, store, [0.0] * 3)
        self.replicas = [Replica(self.world, number, CREATORS) for number in range(3)]
        self.removals: list[tuple[str, float]] = []
        for creator in CREATORS:
            self.login(creator)

    # Callers, and how they fare.

    @rule(creator=creators, replica=replicas)
    def call(self, creator: str, replica: int) -> None:
        """A caller asks one replica for a creator's videos."""
        if len(self.stage.actors) < CROWD:
            self.replicas[replica].call(creator)

    @rule(pick=picks, fates=fates)
    def go_on(self, pick: int, fates: list[int]) -> None:
        """One of them takes a few steps, and then another one."""
        for fate in fates:
            able = [actor for actor in self.stage.actors if can(actor, fate)]
            if able and fate:
                actor = able[pick % len(able)]
                self.go_wrong(actor.troubles[fate % len(actor.troubles)], actor)
            elif able:
                self.stage.resume(able[pick % len(able)])

    @rule(creator=creators, replica=replicas, fates=fates)
    def expire(self, creator: str, replica: int, fates: list[int]) -> None:
        """A caller comes when the tokens have expired, and all falls to it."""
        self.pass_time(float(self.life))
        self.call(creator, replica)
        for fate in fates:
            self.go_on(len(self.stage.actors) - 1, [fate])

    @rule(creator=creators, replica=replicas, before=st.integers(0, 9), meanwhile=st.integers(0, 9))
    def freeze(self, creator: str, replica: int, before: int, meanwhile: int) -> None:
        """A process freezes amid a refresh, beyond its lease, while another one takes over."""
        self.pass_time(float(self.life))
        for number, steps in ((replica, before), ((replica + 1) % 3, meanwhile)):
            self.call(creator, number)
            self.stage.play(creator, self.replicas[number], steps)
            self.pass_time(31.0)

    @rule(creator=creators, replica=replicas)
    def go_alone(self, creator: str, replica: int) -> None:
        """Two creators never wait for each other: while nobody moves who is about the other one,
        a call ends.
        """
        self.replicas[replica].call(creator)
        call = self.diary.calls[-1]
        assert self.stage.play(creator), "it goes on for ever"
        assert call.is_over

    @rule()
    def play(self) -> None:
        """All goes well for a while."""
        assert self.stage.play(), "it goes on for ever"

    @rule(seconds=st.sampled_from([0.3, 21.0, 31.0, 61.0, 600.0, DAY]))
    def pass_time(self, seconds: float) -> None:
        """Time passes, and whoever is amid something is frozen meanwhile."""
        self.stage.now += seconds
        self.world.was_frozen |= seconds > 1.0 and bool(self.stage.actors)
        self.excuse(*CREATORS)

    # What befalls them.

    @rule(creator=creators)
    def login(self, creator: str) -> None:
        """A creator logs in, for the first time or again."""
        answer, sent_at = self.tiktok.login(creator), self.world.now
        self.diary.answers.append(Answer(answer, None, sent_at))
        store = self.world.store
        before = store.read(Key(APP.client_key, creator))
        key = UserCredentials.from_token_answer(APP, store, answer, sent_at=sent_at).key
        self.diary.put(creator, before, store.read(key))

    @rule(creator=creators, replica=replicas, is_revoked=st.booleans(), is_told=st.booleans())
    def end(self, creator: str, replica: int, is_revoked: bool, is_told: bool) -> None:
        """TikTok takes a creator's access tokens no more, perhaps because the creator has removed
        the app; of which it tells one replica, perhaps late or twice.
        """
        if is_revoked:
            self.tiktok.revoke(creator)
            self.removals.append((creator, self.world.now))
            self.stage.now += 1.0  # nobody is quicker to log in again
        else:
            self.tiktok.refuse_access(creator)
        self.excuse(creator)
        if is_told and self.removals and len(self.stage.actors) < CROWD:
            self.replicas[replica].hear_of_removal(*self.removals[-1])

    @rule(replica=replicas)
    def kill(self, replica: int) -> None:
        """A process dies, with all that it has in memory, and begins anew."""
        self.stage.kill(self.replicas[replica])
        self.replicas[replica] = Replica(self.world, replica, CREATORS)

    @rule(replica=replicas, seconds=st.sampled_from([DAY, -DAY]))
    def jump(self, replica: int, seconds: float) -> None:
        """The clock of one machine jumps by a day."""
        self.world.offsets[replica] += seconds
        self.world.jumps += 1
        self.excuse(*CREATORS)

    @rule(is_full=st.booleans())
    def fill(self, is_full: bool) -> None:
        """The store takes no new pairs for a while."""
        self.world.is_full = is_full

    @rule(replica=replicas)
    def offer(self, replica: int) -> None:
        """What a store did not take is offered to it again."""
        if len(self.stage.actors) < CROWD:
            self.replicas[replica].offer()

    def go_wrong(self, order: str, actor: Actor) -> None:
        """One of them meets trouble."""
        for call in self.diary.calls:
            call.was_hurried |= call.actor is actor and order == "timeout"
            call.was_scoped |= call.actor is actor and order == "scope"
        self.stage.resume(actor, order)

    def excuse(self, *creators: str) -> None:
        """A call that is under way may meet a token that dies on its way."""
        for call in self.diary.calls:
            call.is_excused |= not call.is_over and call.open_id in creators

    # What is promised of it.

    @invariant()
    def every_promise_holds(self) -> None:
        """Each of `promises`."""
        if hasattr(self, "world"):
            for promise in PROMISES:
                promise(self.world)

    def teardown(self) -> None:
        """When all has calmed down: whoever is not lost is served, by every replica; and a creator
        is lost only where TikTok ended the login, or an answer of it went astray.
        """
        if not hasattr(self, "world"):
            return
        self.calm_down()
        for replica in self.replicas:
            for creator in CREATORS:
                record = self.world.store.read(Key(APP.client_key, creator))
                assert record is not None
                error = self.outcome(replica, creator)
                if error is not None:
                    assert isinstance(error, ReauthorizationRequired)
                    # Whose clock was wrong, or who slept on an answer, counts the consent's end
                    # from too early a moment.
                    was_late = self.world.jumps or self.world.was_frozen
                    is_early = error.reason == "refresh_expired" and was_late
                    assert is_lost(self.world, record) or is_early

    def calm_down(self) -> None:
        """Everything that is under way ends, the clocks are right, and stores take what is kept."""
        self.play()
        self.world.offsets[:], self.world.is_full = [0.0] * 3, False
        self.stage.now += 61.0
        for replica in self.replicas:
            replica.offer()
        self.play()

    def outcome(self, replica: Replica, creator: str) -> TikTokError | None:
        """What a call ends with."""
        replica.call(creator)
        self.play()
        self.every_promise_holds()
        return self.diary.calls[-1].error


TestModel = Model.TestCase
TestModel.settings = settings(
    max_examples=EXAMPLES or 60,
    stateful_step_count=50,
    derandomize=not EXAMPLES,
    database=None,
)
