"""The house rules of openapi.yaml: what is right for every language, and no tool looks for."""

from collections.abc import Callable, Iterator

from tools import schema_rules as schemas
from tools import wire_rules as wire
from tools.specification import Complaint, Specification

Rule = Callable[[Specification], Iterator[Complaint]]

RULES: tuple[Rule, ...] = (
    wire.version,
    wire.server,
    wire.operations,
    wire.security,
    wire.arguments,
    wire.left_out,
    wire.answers,
    wire.bodies,
    wire.arrays_in_the_query,
    wire.parameters,
    wire.links,
    wire.log_ids,
    schemas.descriptions,
    schemas.names,
    schemas.integers,
    schemas.moments,
    schemas.moments_shown,
    schemas.numbers,
    schemas.defaults,
    schemas.remarks,
    schemas.counts,
    schemas.formats,
    schemas.enums,
    schemas.limits_of_text,
    schemas.unions,
    schemas.openness,
    schemas.promises,
    schemas.fields,
    schemas.error_codes,
)


def complaints(spec: Specification) -> Iterator[Complaint]:
    """What all the rules have against a document."""
    for rule in RULES:
        for found in rule(spec):
            yield found._replace(words=f"{found.words} [{rule.__name__}]")
