"""How one request gets to TikTok and its answer back: where to, over which connection, how long.

Nothing here repeats a request or has an opinion on an answer.
"""
