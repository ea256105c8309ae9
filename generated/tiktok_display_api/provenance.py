"""What this package was made from, and by what"""

SPEC_SHA256 = "61eddbfbae2770ac0cd99ae65f65bdaf46f7009e7c5bab4b9e01cf8d272f73c6"
SPEC_VERSION = "0.2.0"
GENERATOR = "openapi-python-client 0.29.1"
