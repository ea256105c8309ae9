"""The encryption: what lies in the store within, and what is refused on the way back."""

import pickle
import string
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from attrs import evolve

from tests.auth.test_tokens import RECORD
from tiktok_display import ConfigurationError, MemoryTokenStore, TokenRecord, TokenStoreError
from tiktok_display.stores import Key
from tiktok_display.stores.encrypted import EncryptedTokenStore, _ciphers

KEY, OTHER = Key("app", "creator"), Key("app", "other")
NEXT = evolve(RECORD, access_token="act.2", refresh_token="rft.2")
OLD, NEW = EncryptedTokenStore.new_key(), EncryptedTokenStore.new_key()

Told = Callable[[BaseException], str]


@pytest.fixture
def within() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def store(within: MemoryTokenStore) -> EncryptedTokenStore:
    store = EncryptedTokenStore(within, OLD)
    store.put(KEY, RECORD)
    return store


def sealed(within: MemoryTokenStore, key: Key = KEY) -> TokenRecord:
    record = within.read(key)
    assert record
    return record


def refusal(store: EncryptedTokenStore, told: Told) -> str:
    """Why a record is not read; without a token, and without what stands in its place."""
    said = set()
    for act in (
        lambda: store.read(KEY),
        lambda: store.begin(KEY, replaces=RECORD, owner="a", lease=30.0),
        lambda: store.commit(KEY, NEXT, replaces=RECORD),
    ):
        with pytest.raises(TokenStoreError) as caught:
            act()
        report = told(caught.value)
        assert not [secret for secret in ("act.", "rft.", repr(OLD), repr(NEW)) if secret in report]
        said.add(str(caught.value))
    (text,) = said
    return text


def test_only_the_tokens_are_unreadable_within(
    store: EncryptedTokenStore, within: MemoryTokenStore
) -> None:
    record = sealed(within)
    assert record.access_token.startswith("v1.")
    assert record.refresh_token.startswith("v1.")
    assert record.access_token.isascii()
    assert "act" not in record.access_token
    plain = {"access_token": "", "refresh_token": ""}
    assert evolve(record, **plain) == evolve(RECORD, **plain)
    assert store.read(KEY) == RECORD


def test_the_same_token_never_looks_the_same(
    store: EncryptedTokenStore, within: MemoryTokenStore
) -> None:
    before = sealed(within)
    store.put(KEY, evolve(RECORD, access_token="rft.1"))
    after = sealed(within)
    tokens = [before.access_token, before.refresh_token, after.access_token, after.refresh_token]
    assert len(set(tokens)) == 4


@pytest.mark.parametrize("keys", [(), (b"short",), (b"x" * 32, b""), ("x" * 32,), (None,)])
def test_a_key_of_another_size_is_refused_and_not_shown(
    keys: tuple[bytes, ...], told: Told
) -> None:
    with pytest.raises(ConfigurationError, match="16, 24 or 32 bytes") as caught:
        EncryptedTokenStore(MemoryTokenStore(), *keys)
    report = told(caught.value)
    assert "short" not in report
    assert "xxx" not in report


@pytest.mark.parametrize("size", [16, 24, 32])
def test_keys_have_one_of_three_sizes(within: MemoryTokenStore, size: int) -> None:
    store = EncryptedTokenStore(within, b"k" * size)
    store.put(KEY, RECORD)
    assert store.read(KEY) == RECORD


def test_a_new_key_is_long_and_new() -> None:
    assert (len(OLD), len(NEW)) == (32, 32)
    assert OLD != NEW


def test_keys_are_changed_one_refresh_at_a_time(
    store: EncryptedTokenStore, within: MemoryTokenStore, told: Told
) -> None:
    both = EncryptedTokenStore(within, NEW, OLD)
    assert both.read(KEY) == RECORD
    assert both.begin(KEY, replaces=RECORD, owner="a", lease=30.0) == RECORD
    assert both.commit(KEY, NEXT, replaces=RECORD)
    assert EncryptedTokenStore(within, NEW).read(KEY) == NEXT
    text = refusal(store, told)
    assert text.endswith("not at hand here")
    assert sealed(within).access_token.split(".")[1] in text


def test_a_record_from_before_the_encryption_says_what_to_do(
    store: EncryptedTokenStore, within: MemoryTokenStore, told: Told
) -> None:
    within.put(KEY, RECORD)
    assert "put it into the encrypted one" in refusal(store, told)
    before = within.read(KEY)
    assert before
    store.put(KEY, before)
    assert store.read(KEY) == RECORD


def test_one_token_in_the_clear_is_one_too_many(
    store: EncryptedTokenStore, within: MemoryTokenStore, told: Told
) -> None:
    within.put(KEY, evolve(sealed(within), refresh_token="rft.1"))
    assert "without encryption" in refusal(store, told)


def test_what_was_moved_to_another_creator_is_refused(
    store: EncryptedTokenStore, within: MemoryTokenStore, told: Told
) -> None:
    store.put(OTHER, NEXT)
    within.put(KEY, sealed(within, OTHER))
    assert "is another's" in refusal(store, told)


def test_what_was_moved_to_another_field_is_refused(
    store: EncryptedTokenStore, within: MemoryTokenStore, told: Told
) -> None:
    record = sealed(within)
    within.put(KEY, evolve(record, access_token=record.refresh_token))
    assert "is another's" in refusal(store, told)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Key("app", "creator"), Key("appc", "reator")),
        (Key('a", "b', "c"), Key("a", 'b", "c')),
        (Key("a", ""), Key("", "a")),
    ],
)
def test_names_that_run_together_are_not_the_same(
    within: MemoryTokenStore, one: Key, other: Key
) -> None:
    store = EncryptedTokenStore(within, OLD)
    store.put(one, RECORD)
    within.put(other, sealed(within, one))
    with pytest.raises(TokenStoreError, match="is another's"):
        store.read(other)


def alterations(text: str) -> Iterator[str]:
    version, key_id, data = text.split(".")
    for at in (0, len(data) // 2, len(data) - 1):
        for letter in string.ascii_letters + string.digits + "-_+/":
            yield f"{version}.{key_id}.{data[:at]}{letter}{data[at + 1 :]}"
    yield from (f"{text}=", f"{text}\n", f"{text}A", text[:-1], text[:-2], f"{version}.{key_id}.")
    yield from (f"{version}.{key_id}.AAAA", f"{version}.{key_id}.A", f"v2.{key_id}.{data}", "")


@pytest.mark.parametrize("token", ["act.1", "act.22", "act.333"])  # of all lengths modulo three
def test_nothing_that_was_altered_is_read(
    store: EncryptedTokenStore, within: MemoryTokenStore, token: str
) -> None:
    store.put(KEY, evolve(RECORD, access_token=token))
    record = sealed(within)
    for text in set(alterations(record.access_token)) - {record.access_token}:
        within.put(KEY, evolve(record, access_token=text))
        with pytest.raises(TokenStoreError, match="altered"):
            store.read(KEY)


def test_an_altered_record_shows_nothing(
    store: EncryptedTokenStore, within: MemoryTokenStore, told: Told
) -> None:
    record = sealed(within)
    within.put(KEY, evolve(record, refresh_token=record.refresh_token[:-2]))
    assert "altered" in refusal(store, told)


class Busy(MemoryTokenStore):
    """A store in which the record is sealed anew before each of so many begins and commits."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def _disturb(self, key: Key) -> None:
        if self._times:
            self._times -= 1
            lease = self._leases.get(key)
            EncryptedTokenStore(self, OLD).put(key, RECORD)
            if lease is not None:
                self._leases[key] = lease

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        self._disturb(key)
        return super().begin(key, replaces=replaces, owner=owner, lease=lease)

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        self._disturb(key)
        return super().commit(key, record, replaces=replaces)


def test_a_record_that_is_sealed_anew_meanwhile_is_still_replaced() -> None:
    within = Busy(2)
    store = EncryptedTokenStore(within, OLD)
    store.put(KEY, RECORD)
    assert store.begin(KEY, replaces=RECORD, owner="a", lease=30.0) == RECORD
    within._times = 2
    assert store.begin(KEY, replaces=RECORD, owner="b", lease=30.0) is None
    within._times = 2
    assert store.commit(KEY, NEXT, replaces=RECORD)
    assert store.read(KEY) == NEXT


def test_a_record_that_never_stands_still_ends_in_an_error() -> None:
    store = EncryptedTokenStore(Busy(100), OLD)
    store.put(KEY, RECORD)
    with pytest.raises(TokenStoreError, match="8 times in a row"):
        store.commit(KEY, NEXT, replaces=RECORD)


def test_closing_it_closes_the_store_within() -> None:
    class Closable(MemoryTokenStore):
        closed = False

        def close(self) -> None:
            self.closed = True

    within = Closable()
    with EncryptedTokenStore(within, OLD):
        assert not within.closed
    assert within.closed


def test_its_keys_are_nowhere_to_be_seen(store: EncryptedTokenStore) -> None:
    assert repr(store).startswith("EncryptedTokenStore(<")
    assert repr(OLD)[2:-1] not in repr(store)
    assert OLD.hex() not in repr(vars(store))
    with pytest.raises(TypeError, match="holds a secret"):
        pickle.dumps(store)


def test_a_missing_library_says_how_to_get_it() -> None:
    assert "pip install tiktok-display[encryption]" in _ciphers((OLD,), "a_module_nobody_has")


def test_the_library_is_imported_by_whoever_needs_it_alone() -> None:
    script = """
import sys
sys.modules["cryptography"] = None
from tiktok_display import ConfigurationError, MemoryTokenStore
from tiktok_display.stores.encrypted import EncryptedTokenStore
try:
    EncryptedTokenStore(MemoryTokenStore(), EncryptedTokenStore.new_key())
except ConfigurationError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "tiktok-display[encryption]" in done.stdout
