"""A wrapper for any token store: what lies in it is of no use without a key."""

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Literal, Protocol

from attrs import evolve

from ..errors import ConfigurationError, TokenStoreError
from ..secret import Secret
from .base import Key, TokenRecord, TokenStore
from .guard import Closing, raising_store_errors

_SEALED = re.compile(r"v1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)")
_NONCE = 12  # bytes, as https://doi.org/10.6028/NIST.SP.800-38D recommends
_TRIES = 8

_Name = Literal["access_token", "refresh_token"]


class _Cipher(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...


class EncryptedTokenStore(Secret, Closing):
    """Encrypts both tokens with AES-GCM on their way into ``store``, each bound to its creator and
    its field; what else a record says stays readable. Needs ``tiktok-display[encryption]``.

    Args:
        store: where the records are kept.
        keys: 16, 24 or 32 bytes each, see `new_key`. The first one encrypts, all of them decrypt:
            put a new key in front, and every refresh moves one record over to it.

    Raises:
        ConfigurationError: no key, a key of another size, or ``cryptography`` is not installed.
        TokenStoreError: from every method that reads, where a record was stored without
            encryption, or with a key that is not at hand, or was altered since.
    """

    def __init__(self, store: TokenStore, *keys: bytes) -> None:
        self._store, ciphers = store, _ciphers(keys)
        del keys  # so that no traceback's locals show them
        if isinstance(ciphers, str):
            raise ConfigurationError(ciphers)
        self._ciphers = ciphers

    def __repr__(self) -> str:
        return f"EncryptedTokenStore({self._store!r})"

    @staticmethod
    def new_key() -> bytes:
        """A random key of 32 bytes. Whoever loses it needs a new login of every creator."""
        return secrets.token_bytes(32)

    def read(self, key: Key) -> TokenRecord | None:
        """The record, or None."""
        sealed = self._store.read(key)
        return None if sealed is None else self._open(key, sealed)

    def put(self, key: Key, record: TokenRecord) -> None:
        """Store what a login gave."""
        self._store.put(key, self._seal(key, record))

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        """Take the lease and note the intent; None where that cannot be."""
        for sealed in self._stored(key, replaces):
            before = self._store.begin(key, replaces=sealed, owner=owner, lease=lease)
            if before is not None:
                return self._open(key, before)
        return None

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        """Store what a refresh gave, if its predecessor is still the stored one."""
        successor = self._seal(key, record)
        tries = self._stored(key, replaces)
        return any(self._store.commit(key, successor, replaces=sealed) for sealed in tries)

    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        """End the owner's lease without a new pair."""
        self._store.fail(key, owner, intent=intent, retry_at=retry_at)

    def delete(self, key: Key) -> None:
        """Forget the record."""
        self._store.delete(key)

    def keys(self) -> Iterator[Key]:
        """Whose records there are."""
        return self._store.keys()

    def close(self) -> None:
        """Close the store within."""
        self._store.close()

    def _stored(self, key: Key, replaces: TokenRecord) -> Iterator[TokenRecord]:
        """The record as it is stored, while its refresh token is that of ``replaces``; again only
        where it was sealed anew meanwhile, for the same token looks different each time.
        """
        last = ""
        for _ in range(_TRIES):
            sealed = self._store.read(key)
            if sealed is None or sealed.refresh_token == last:
                return
            if self._open(key, sealed).refresh_token != replaces.refresh_token:
                return
            yield sealed
            last = sealed.refresh_token
        raise TokenStoreError(f"the record of {key.open_id!r} changed {_TRIES} times in a row")

    @raising_store_errors(UnicodeError, lambda _: "a token that is not Unicode cannot be encrypted")
    def _seal(self, key: Key, record: TokenRecord) -> TokenRecord:
        return evolve(
            record,
            access_token=self._sealed(key, record, "access_token"),
            refresh_token=self._sealed(key, record, "refresh_token"),
        )

    def _open(self, key: Key, record: TokenRecord) -> TokenRecord:
        return evolve(
            record,
            access_token=self._opened(key, record, "access_token"),
            refresh_token=self._opened(key, record, "refresh_token"),
        )

    # No token in the clear is ever a local variable of these two.

    def _sealed(self, key: Key, record: TokenRecord, name: _Name) -> str:
        key_id, cipher = next(iter(self._ciphers.items()))
        nonce = secrets.token_bytes(_NONCE)
        bound = _bound(key_id, key, name)
        text = _text(nonce + cipher.encrypt(nonce, getattr(record, name).encode(), bound))
        return f"v1.{key_id}.{text}"

    def _opened(self, key: Key, record: TokenRecord, name: _Name) -> str:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - an extra

        whose = f"the {name} of {key.open_id!r}"
        sealed = _SEALED.fullmatch(getattr(record, name))
        if sealed is None:
            raise TokenStoreError(
                f"{whose} was stored without encryption, or altered: read the record from the "
                "store within, and put it into the encrypted one"
            )
        key_id, text = sealed.groups()
        if key_id not in self._ciphers:
            raise TokenStoreError(f"{whose} is encrypted with the key {key_id}, not at hand here")
        try:
            data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            if _text(data) == text:  # Base64 has several spellings of the same bytes
                nonce, bound = data[:_NONCE], _bound(key_id, key, name)
                return self._ciphers[key_id].decrypt(nonce, data[_NONCE:], bound).decode()
        except (InvalidTag, ValueError):
            pass
        raise TokenStoreError(f"{whose} was altered, or is another's: key {key_id} does not fit it")


def _ciphers(
    keys: tuple[bytes, ...], module: str = "cryptography.hazmat.primitives.ciphers.aead"
) -> Mapping[str, _Cipher] | str:
    """A cipher for each key, under the key's id, in their order; or what is wrong with them."""
    if not keys or not all(isinstance(key, bytes) and len(key) in (16, 24, 32) for key in keys):
        return "an EncryptedTokenStore needs at least one key, each of 16, 24 or 32 bytes"
    try:
        aes_gcm = import_module(module).AESGCM
    except ImportError:
        return "an EncryptedTokenStore needs `pip install tiktok-display[encryption]`"
    return {_key_id(key): aes_gcm(key) for key in keys}


def _key_id(key: bytes) -> str:
    """A name that tells keys apart, and says nothing of them."""
    return hashlib.blake2b(b"tiktok-display key id", key=key, digest_size=8).hexdigest()


def _bound(key_id: str, key: Key, name: str) -> bytes:
    """What a sealed text is good for, and nothing else."""
    return json.dumps(["v1", key_id, key.client_key, key.open_id, name]).encode()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
