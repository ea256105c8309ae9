"""How the token endpoint is asked: seldom twice, for each question may kill a token."""

import time
from collections.abc import Callable, Mapping

from ..answers import Response
from ..errors import (
    ApiError,
    ConfigurationError,
    TikTokError,
    TransportError,
    UnexpectedResponse,
    decode,
    hushed,
    marked,
)
from ..secret import SecretForm
from .tokens import TOKEN_PATH, TokenAnswer, token_answer

# Path, form and seconds to an answer; a client lends it, with its origin and its proxies.
Post = Callable[[str, Mapping[str, str], float], Response | TransportError]

_SECRETS = ("client_secret", "code", "code_verifier", "refresh_token")
SECONDS = 20.0  # for all requests of one question
_PASSING = ("server_error", "temporarily_unavailable", "rate_limit_exceeded", "internal_error")
_UNSENT_REPEATS, _UNCLEAR_REPEATS = 3, 1


def ask(
    post: Post,
    form: SecretForm,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[TokenAnswer | TikTokError, bool]:
    """The answer, and whether any request may have been processed unheard: one that certainly
    never left is repeated freely, one with an unclear end once, at once.
    """
    end, left = monotonic() + SECONDS, SECONDS
    unsent = unclear = 0
    while True:
        answer = _judged(post(TOKEN_PATH, form, left), form)
        was_unsent = isinstance(answer, TransportError) and not answer.sent
        unsent, unclear = unsent + was_unsent, unclear + is_unclear(answer)
        over = unsent > _UNSENT_REPEATS or unclear > _UNCLEAR_REPEATS
        again = not over and (was_unsent or is_unclear(answer))
        if again:
            sleep(0.25 * unsent if was_unsent else 0.0)
            left = end - monotonic()
        if not again or left <= 0:
            return answer, unclear > 0 or isinstance(answer, UnexpectedResponse)


def _judged(response: Response | TransportError, form: SecretForm) -> TokenAnswer | TikTokError:
    if isinstance(response, TransportError):
        return response
    body = decode(response)
    answer = body if isinstance(body, TikTokError) else token_answer(body, response.status_code)
    if not isinstance(answer, TikTokError):
        return answer
    return hushed(marked(answer, response), form.only(*_SECRETS))


def is_outage(error: TikTokError) -> bool:
    """Whether the endpoint may answer later, rather than the app's own request be wrong."""
    if not isinstance(error, ApiError):
        return not isinstance(error, ConfigurationError)
    return error.code in _PASSING or is_unclear(error)


def is_unclear(answer: TokenAnswer | TikTokError) -> bool:
    """Whether the request may have been processed although no clear answer came."""
    if isinstance(answer, UnexpectedResponse):
        return answer.cut or answer.status != 200
    if isinstance(answer, TransportError):
        return answer.sent
    return isinstance(answer, ApiError) and (answer.status or 0) >= 500
