"""Personal data at rest: encrypted columns, blind indexes to find them by, seals over payments.

Fernet gives a new ciphertext each time, so nothing can be compared in the database; equality is asked of the blind
index beside the column. A key that does not fit raises: showing ciphertext as if it were data is the worse failure.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _ring() -> MultiFernet:
    """The first key encrypts, all of them decrypt: add a new key in front to rotate."""
    return _fernet(tuple(settings.FIELD_KEYS))


def encrypt(text: str) -> str:
    return _ring().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Clear text of `token`; `cryptography.fernet.InvalidToken` when no key fits or it was tampered with."""
    return _ring().decrypt(token.encode()).decode()


def reencrypt(token: str) -> str:
    """The same text under the newest key (key rotation)."""
    return _ring().rotate(token.encode()).decode()


def is_newest(token: str) -> bool:
    """True when `token` is encrypted under the first key: nothing is left to rotate."""
    try:
        _fernet((settings.FIELD_KEYS[0],)).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def newest_key_print() -> str:
    """A name for the first key that does not give it away."""
    return hashlib.sha256(b"field-key\x1f" + str(settings.FIELD_KEYS[0]).encode()).hexdigest()[:16]


def newest_index_print() -> str:
    """The same for the first key of the blind indexes."""
    return hashlib.sha256(b"index-key\x1f" + settings.BLIND_INDEX_KEYS[0].encode()).hexdigest()[:16]


def _mac(key: str, purpose: str, text: str) -> str:
    return hmac.new(key.encode(), f"{purpose}\x1f{text}".encode(), hashlib.sha256).hexdigest()


def blind_index(purpose: str, text: str) -> str:
    """Keyed hash of a normalised value under the first key, to be stored; "" stays "". `purpose` keeps equal numbers of two
    columns apart."""
    return _mac(settings.BLIND_INDEX_KEYS[0], purpose, text) if text else ""


def blind_indexes(purpose: str, text: str) -> list[str]:
    """The hash under each key, the newest first: what rows are looked for by. None of no text."""
    return [_mac(key, purpose, text) for key in settings.BLIND_INDEX_KEYS] if text else []


def seal(parts: Iterable[str]) -> str:
    """Keyed hash over a payment's content: it cannot be made anew by someone who can only write to the database."""
    return _mac(settings.BLIND_INDEX_KEYS[0], "seal", "\x1e".join(parts))


def seal_fits(found: str, parts: Iterable[str]) -> bool:
    """True when `found` is the seal of the content under one of the keys."""
    text = "\x1e".join(parts)
    return any(same(found, _mac(key, "seal", text)) for key in settings.BLIND_INDEX_KEYS)


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left, right)


class EncryptedTextField(models.TextField):
    """Text that is clear in Python and encrypted in the database. Only `isnull` may be asked of it."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value in (None, "") else encrypt(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"加密字段 {self.name} 不能按 {lookup_name} 查询，请用盲索引")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"加密字段 {self.name} 不能变换")


class EncryptedJSONField(EncryptedTextField):
    """JSON that is clear in Python and encrypted in the database. Nothing can be asked of its inside."""

    # what may be set and is given, for the type checker
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None else encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return json.loads(decrypt(value)) if value else value

    def to_python(self, value: Any) -> Any:
        return value
