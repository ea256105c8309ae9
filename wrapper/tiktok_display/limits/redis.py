"""What was asked for lately, counted by a Redis in one step."""

from typing import Final, cast
from uuid import uuid4

from pyrate_limiter import Decision, RateItem, RedisBucket

# How many ms are left until there is room, by the server's clock; nothing where there was some.
# Since Redis 5 a script may ask for the time and write after that. A name that nobody asks for any
# more leaves nothing behind.
PUT: Final = """local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('ZCOUNT', KEYS[1], now - window, '+inf') >= most then
    return redis.call('ZREVRANGE', KEYS[1], most - 1, most - 1, 'WITHSCORES')[2] + window - now + 1
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], 2 * window)"""


class Bucket(RedisBucket):
    """A sorted set, with the script `PUT`. That of `pyrate-limiter` is told the time and counts up
    to it: what others have put in meanwhile it does not see.
    """

    def put_decision(self, item: RateItem) -> Decision:
        """Whether there is room; if so, it is taken. When is for the server to say."""
        (rate,) = self.rates
        values = (rate.limit, rate.interval, f"{item.name} {uuid4().hex}")
        wait = cast("int | None", self.redis.evalsha(self.script_hash, 1, self.bucket_key, *values))
        return Decision(rate, wait) if wait else Decision()
