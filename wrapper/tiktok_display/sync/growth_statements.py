"""What `growth` asks of the database: the same for SQLite and PostgreSQL."""

from .rows import COUNTERS

_COUNTERS = ("video_count", *COUNTERS)  # a video counts as 1 from its first snapshot on


def _each(form: str, names: tuple[str, ...] = _COUNTERS) -> str:
    return ",\n        ".join(form.format(name) for name in names)


# What a snapshot leaves out is what was said before; NULL where nothing ever was.
_KNOWN = """COALESCE({0}, (
            SELECT older.{0} FROM video_snapshots AS older
            WHERE older.video_id = newer.video_id AND older.day < newer.day
                AND older.{0} IS NOT NULL
            ORDER BY older.day DESC LIMIT 1
        )) AS {0}"""
_CHANGED = "COALESCE(compared.{0}, 0) - COALESCE(old_{0}, 0) AS {0}"
# A first count is all gained, or nothing of it.
_GAINED = """CASE WHEN day < :first THEN 0 ELSE COALESCE(compared.{0} - COALESCE(
            old_{0}, CASE WHEN is_new THEN 0 ELSE compared.{0} END
        ), 0) END AS gained_{0}"""


def _changes(names: tuple[str, ...]) -> str:
    """A row for each snapshot. All changes of a video, its first count among them, are its count of
    today; `gained` is as much of a change as the period has brought. Before it there is no day.

    It is said, also by a LEFT JOIN, that SQLite goes through the snapshots once, in the order of
    their index: it would rather copy and sort them all.
    """
    return f"""
WITH began AS (
    SELECT open_id, MIN(video_snapshots.synced_at) / 86400 * 86400 AS began_at
    FROM video_snapshots JOIN videos USING (video_id) GROUP BY open_id
), posted AS MATERIALIZED (
    SELECT video_id, open_id, COALESCE(create_time >= began_at, FALSE) AS is_new
    FROM videos JOIN began USING (open_id)
), seen AS NOT MATERIALIZED (
    SELECT video_id, day, 1 AS video_count,
        {_each(_KNOWN, COUNTERS)}
    FROM video_snapshots AS newer WHERE day <= :last
), compared AS NOT MATERIALIZED (
    SELECT video_id, day,
        {_each("{0}", names)},
        {_each("LAG({0}) OVER earlier AS old_{0}", names)}
    FROM seen WINDOW earlier AS (PARTITION BY video_id ORDER BY day)
), changes AS NOT MATERIALIZED (
    SELECT open_id, video_id, CASE WHEN day >= :first THEN day END AS day,
        {_each(_CHANGED, names)},
        {_each(_GAINED, names)}
    FROM compared LEFT JOIN posted USING (video_id)
)"""  # noqa: S608 - names of our own


_COLUMNS = f"""
        {_each("{0}")},
        {_each("gained_{0}")}"""
_SUMS = f"""
        {_each("SUM({0}) AS {0}")},
        {_each("SUM(gained_{0}) AS gained_{0}")}"""

SEEN = "SELECT MIN(day), MAX(day), MAX(synced_at) FROM video_snapshots"

# For everybody together, then for those who gained most, by day.
LEDGER = f"""{_changes(_COUNTERS)}, ledger AS MATERIALIZED (
    SELECT open_id, day, {_SUMS}
    FROM changes GROUP BY open_id, day
), leaders AS (
    SELECT open_id FROM ledger GROUP BY open_id
    ORDER BY SUM(gained_view_count) DESC, open_id LIMIT :creators
)
SELECT NULL, day, {_SUMS}
FROM ledger GROUP BY day
UNION ALL
SELECT open_id, day, {_COLUMNS}
FROM ledger WHERE open_id IN (SELECT open_id FROM leaders)
"""  # noqa: S608 - as above

GROWN = f"""{_changes(("view_count",))}, grown AS (
    SELECT video_id, SUM(view_count) AS views, SUM(gained_view_count) AS gained
    FROM changes GROUP BY video_id HAVING SUM(gained_view_count) > 0
    ORDER BY gained DESC, video_id LIMIT :videos
)
SELECT video_id, open_id, title, share_url, views, gained
FROM grown JOIN videos USING (video_id) ORDER BY gained DESC, video_id
"""  # noqa: S608 - as above

CREATORS = """
SELECT COUNT(*), COUNT(CASE WHEN state = 'login' THEN 1 END),
    COUNT(CASE WHEN state <> 'login' AND COALESCE(synced_at, 0) < :late THEN 1 END)
FROM creators
"""
ASIDE = """
SELECT open_id, COALESCE(reason, '') FROM creators
WHERE state = 'login' ORDER BY open_id LIMIT :most
"""
