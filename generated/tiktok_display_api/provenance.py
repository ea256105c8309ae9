"""What this package was made from, and by what"""

SPEC_SHA256 = "dd8be7ad1d97407c2c72b333296dd84aef19650bd6ab60d547b07ed64f1ebb63"
SPEC_VERSION = "0.2.0"
GENERATOR = "openapi-python-client 0.29.1"
