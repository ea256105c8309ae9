"""One quota for whoever asks TikTok in the app's name: threads, tasks, processes, machines.

TikTok admits 600 requests in any minute to each endpoint, and answers the next one with a 429:
https://developers.tiktok.com/doc/tiktok-api-v2-rate-limit
"""

from .rate_limit import RateLimit

__all__ = ["RateLimit"]
