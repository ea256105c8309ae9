"""A package that is interrupted while it loads."""

raise KeyboardInterrupt
