"""How a sandbox behaves where TikTok's way may differ or was never verified."""

from collections.abc import Collection
from typing import Literal, get_args

import attrs

from .authorize import Consent
from .checks import number, one_of
from .pages import CursorMeaning

LimitKey = Literal["app", "creator"]


@attrs.define(eq=False, kw_only=True)
class Settings:
    """What the core goes by; whatever is set to a value that makes no sense is a ``ValueError``."""

    cursor_meaning: CursorMeaning = attrs.field(validator=one_of(*get_args(CursorMeaning)))
    rate_limit: int | None = attrs.field(validator=number(0, whole=True))
    rate_limit_by: LimitKey = attrs.field(validator=one_of(*get_args(LimitKey)))
    consent: Consent = attrs.field(default="grant", validator=one_of(*get_args(Consent)))
    granted_scopes: Collection[str] | None = None
