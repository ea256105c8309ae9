"""What this package was made from, and by what"""

SPEC_SHA256 = "0f2a2063cf22004f147d0b3b72d30eae3c86fdb9c793ead1dd74bed8385ba900"
SPEC_VERSION = "0.1.0"
GENERATOR = "openapi-python-client 0.29.1"
