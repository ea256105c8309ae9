"""The version, in one place: the distribution's, the package's, the User-Agent's."""

VERSION = "0.1.0"
