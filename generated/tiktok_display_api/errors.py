"""Contains shared errors types that can be raised from API functions"""


class UnexpectedStatus(Exception):
    """Raised by api functions when the response status an undocumented status and Client.raise_on_unexpected_status is True"""

    def __init__(self, status_code: int, content: bytes):
        self.status_code = status_code
        self.content = content

        super().__init__(
            f"Unexpected status code: {status_code}\n\nResponse content:\n{content.decode(errors='ignore')}"
        )


class UnexpectedBody(UnexpectedStatus):
    """Raised by api functions when the body is not what the document describes for its status

    ``status_code`` and ``content`` hold the whole answer; the message quotes only its beginning.
    """

    def __init__(self, status_code: int, content: bytes):
        super().__init__(status_code, content)
        excerpt = content[:200].decode(errors="replace")
        self.args = (f"Unexpected body with status code {status_code}: {excerpt!r}",)


__all__ = ["UnexpectedBody", "UnexpectedStatus"]
