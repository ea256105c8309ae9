"""The OpenAPI 3.0 form of openapi.yaml, for tools that know no other: derived, never edited.

What 3.1 says differently is a short list: https://www.openapis.org/blog/2021/02/16/migrating-from-openapi-3-0-to-3-1-0
What of it the document uses is rewritten here; what it does not use stops the derivation, so that
nothing is handed on that means something else in 3.0.
"""

import json
from typing import Any

LICENCES = {"MIT": "https://spdx.org/licenses/MIT.html"}  # 3.0 has no `identifier`
UNKNOWN_TO_3_0 = {
    *("$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$schema", "const"),
    *("contains", "contentEncoding", "contentMediaType", "dependentRequired", "dependentSchemas"),
    *("else", "if", "maxContains", "minContains", "patternProperties", "prefixItems"),
    *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
}


class DerivationError(Exception):
    """The document uses something that has no known form in 3.0."""


def derived(document: dict[str, Any]) -> dict[str, Any]:
    """The same contract as an OpenAPI 3.0.3 document."""
    if "webhooks" in document or "pathItems" in document["components"]:
        raise DerivationError("3.0 knows neither webhooks nor shared path items")
    result: dict[str, Any] = _rewritten(document)
    result["openapi"] = "3.0.3"
    info = result["info"]
    info["description"] = f"{info.pop('summary')}\n\n{info['description']}"
    licence = info["license"]
    licence["url"] = LICENCES[licence.pop("identifier")]
    return result


def text(document: dict[str, Any]) -> str:
    """The derived document as JSON: which strings to quote is no question there."""
    return json.dumps(derived(document), indent=2, ensure_ascii=False) + "\n"


def _rewritten(node: Any) -> Any:
    """A copy that says everything in the words of 3.0."""
    if isinstance(node, list):
        return [_rewritten(item) for item in node]
    return (
        _checked({key: _value(key, node[key]) for key in node}) if isinstance(node, dict) else node
    )


def _value(key: str, value: Any) -> Any:
    if key in ("default", "enum", "value") or (key == "examples" and isinstance(value, list)):
        return value  # data, which stays as it is
    if key == "properties":  # whose keys are names, not words of a schema
        return {name: _rewritten(schema) for name, schema in value.items()}
    return _rewritten(value)


def _checked(node: dict[str, Any]) -> dict[str, Any]:
    """An object with one example instead of a list, and nothing that 3.0 reads differently."""
    foreign = sorted(UNKNOWN_TO_3_0 & node.keys())
    if isinstance(node.get("type"), list):
        foreign.append("a list of types")
    if "$ref" in node and len(node) > 1:
        foreign.append("a reference with something beside it")
    if any(type(node.get(f"exclusive{bound}")) is int for bound in ("Minimum", "Maximum")):
        foreign.append("an exclusive bound that is a number")
    if foreign:
        raise DerivationError(f"no form in 3.0 is known for {', '.join(foreign)}")
    if isinstance(node.get("examples"), list):
        node["example"] = node.pop("examples")[0]
    return node
