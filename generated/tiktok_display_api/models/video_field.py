from enum import StrEnum


class VideoField(StrEnum):
    COMMENT_COUNT = "comment_count"
    COVER_IMAGE_URL = "cover_image_url"
    CREATE_TIME = "create_time"
    DURATION = "duration"
    EMBED_HTML = "embed_html"
    EMBED_LINK = "embed_link"
    HEIGHT = "height"
    ID = "id"
    IS_AIGC = "is_aigc"
    LIKE_COUNT = "like_count"
    SHARE_COUNT = "share_count"
    SHARE_URL = "share_url"
    TITLE = "title"
    VIDEO_DESCRIPTION = "video_description"
    VIEW_COUNT = "view_count"
    WIDTH = "width"

    def __str__(self) -> str:
        return str(self.value)
