"""The OpenAPI 3.0 form of openapi.yaml, for tools that know no other: derived, never edited.

What 3.1 says differently is a short list: https://www.openapis.org/blog/2021/02/16/migrating-from-openapi-3-0-to-3-1-0
What of it the document uses is rewritten here; what it does not use stops the derivation, so that
nothing is handed on that means something else in 3.0.
"""

import json
from typing import Any

NEW_AT_THE_ROOT = {"jsonSchemaDialect", "webhooks"}
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
    if "pathItems" in document.get("components", {}) or document.keys() & NEW_AT_THE_ROOT:
        raise DerivationError("3.0 knows no webhooks, shared path items or dialects of schemas")
    result: dict[str, Any] = _rewritten(document)
    result["openapi"] = "3.0.3"
    info = result["info"]
    if "summary" in info:
        info["description"] = "\n\n".join([info.pop("summary"), info.get("description", "")])
    licence = info.get("license", {})
    if "identifier" in licence:
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
    is_data = key in ("enum", "value") or (key == "default" and not isinstance(value, dict))
    if is_data or (key == "examples" and isinstance(value, list)):
        return value  # which stays as it is; a `default` among answers is no data
    if key == "properties":  # whose keys are names, not words of a schema
        return {name: _rewritten(schema) for name, schema in value.items()}
    return _rewritten(value)


def _checked(node: dict[str, Any]) -> dict[str, Any]:
    """An object with one example instead of a list, and nothing that 3.0 reads differently."""
    foreign = sorted(UNKNOWN_TO_3_0 & node.keys())
    if isinstance(node.get("type"), list) or node.get("type") == "null":
        foreign.append("a list of types, or the type null")
    if "$ref" in node and len(node) > 1:
        foreign.append("a reference with something beside it")
    bounds = [node.get("exclusiveMinimum"), node.get("exclusiveMaximum")]
    if any(type(bound) in (int, float) for bound in bounds):
        foreign.append("an exclusive bound that is a number")
    if foreign:
        raise DerivationError(f"no form in 3.0 is known for {', '.join(foreign)}")
    if isinstance(node.get("examples"), list) and node["examples"]:
        node["example"] = node.pop("examples")[0]
    return node
