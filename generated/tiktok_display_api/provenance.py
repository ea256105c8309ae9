"""What this package was made from, and by what"""

SPEC_SHA256 = "17f3486e1c7b4e8dba2f75a7eabe70777b89bad223073a6932a80fd1ceb45c7d"
SPEC_VERSION = "0.1.0"
GENERATOR = "openapi-python-client 0.29.1"
