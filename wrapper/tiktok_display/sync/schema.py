"""The tables, for SQLite and PostgreSQL alike; `docs/scaling.md` describes them for their readers.

Moments are Unix seconds, UTC; days are days in UTC.
"""

VERSION = 1

# `{integer}` and `{day}` are what each database calls them.
TABLES = """
CREATE TABLE IF NOT EXISTS tiktok_schema (
    version {integer} PRIMARY KEY
);
CREATE TABLE IF NOT EXISTS creators (
    open_id   TEXT PRIMARY KEY,
    state     TEXT NOT NULL DEFAULT 'active',  -- or 'login': only a new login helps
    reason    TEXT,                            -- why it needs one
    login     {integer},                       -- which login that was: when it would have ended
    newest    {integer},                       -- all videos that were posted until then are here
    top       {integer},                       -- the same, once the walk that has begun is over
    cursor    {integer},                       -- ms; where that walk goes on
    synced_at {integer},                       -- when the list was last had to its end
    due_at    {integer} NOT NULL DEFAULT 0,    -- when to come again
    lookups   {integer} NOT NULL DEFAULT 0,    -- how many that visit takes, as far as is known
    loaded_at {integer}                        -- what was here then is also where dlt has put it
);
CREATE INDEX IF NOT EXISTS creators_due ON creators (due_at, open_id);
CREATE TABLE IF NOT EXISTS videos (
    video_id          TEXT PRIMARY KEY,
    open_id           TEXT NOT NULL REFERENCES creators,
    create_time       {integer},
    title             TEXT,
    video_description TEXT,
    duration          {integer},               -- s; 0 for photos
    width             {integer},
    height            {integer},
    share_url         TEXT,
    cover_image_url   TEXT,                    -- signed: it expires
    embed_link        TEXT,
    is_aigc           BOOLEAN,
    view_count        {integer},
    like_count        {integer},
    comment_count     {integer},
    share_count       {integer},
    synced_at         {integer} NOT NULL,      -- when TikTok last showed it
    asked_at          {integer} NOT NULL,      -- when TikTok was last asked about it
    missing_since     {integer}                -- since when it does not: deleted, or private
);
CREATE INDEX IF NOT EXISTS videos_of_creators ON videos (open_id, create_time);
CREATE TABLE IF NOT EXISTS video_snapshots (
    video_id      TEXT NOT NULL REFERENCES videos,
    day           {day} NOT NULL,
    view_count    {integer},
    like_count    {integer},
    comment_count {integer},
    share_count   {integer},
    synced_at     {integer} NOT NULL,          -- the last time of that day
    PRIMARY KEY (video_id, day)
)
"""
