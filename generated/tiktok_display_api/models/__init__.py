"""Contains all the data models used in inputs/outputs"""

from .error_envelope import ErrorEnvelope
from .error_info import ErrorInfo
from .list_videos_request import ListVideosRequest
from .query_videos_request import QueryVideosRequest
from .video import Video
from .video_field import VideoField
from .video_filters import VideoFilters
from .video_page import VideoPage
from .video_page_envelope import VideoPageEnvelope

__all__ = (
    "ErrorEnvelope",
    "ErrorInfo",
    "ListVideosRequest",
    "QueryVideosRequest",
    "Video",
    "VideoField",
    "VideoFilters",
    "VideoPage",
    "VideoPageEnvelope",
)
