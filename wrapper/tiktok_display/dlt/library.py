"""dlt itself: an extra, and slow to import."""

from contextlib import AbstractContextManager
from importlib import import_module

from ..errors import ConfigurationError


def needed(package: str = "dlt") -> None:
    """Have it imported, or say what is to be installed.

    Raises:
        ConfigurationError: it is not there.
    """
    try:
        import_module(package)
    except ImportError:
        raise ConfigurationError(
            "a load by dlt needs `pip install 'tiktok-display[dlt]'`, and the extra of dlt for the"
            " destination"
        ) from None


def no_pipeline_active() -> AbstractContextManager[object]:
    """What is made active meanwhile is so no longer afterwards: the caller's pipeline is."""
    from dlt.common.configuration.container import Container  # noqa: PLC0415 - an extra
    from dlt.common.pipeline import PipelineContext  # noqa: PLC0415 - an extra

    return Container().injectable_context(PipelineContext())
