"""How problems stand in the OpenAPI document: one schema, one media type, and an example for each kind a route can answer with."""

from typing import Any

from factbook.kernel.problems import MEDIA_TYPE, ProblemKind

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details. Programs match on `code`; `errors` names the fields at fault.",
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "request_id": {"type": ["string", "null"]},
    },
}


def problem_answers(*kinds: ProblemKind) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can end in these kinds, grouped by status."""
    answers: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        answer = answers.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: {"schema": _REFERENCE, "examples": {}}}})
        answer["description"] = " · ".join(filter(None, (answer["description"], f"{kind.title} (`{kind.code}`)")))
        answer["content"][MEDIA_TYPE]["examples"][kind.code] = {"value": _example(kind)}
    return answers


_REFERENCE = {"$ref": "#/components/schemas/Problem"}


def _example(kind: ProblemKind) -> dict[str, Any]:
    example = kind.because("What was wrong this time, in a sentence.").body("0192f7c2a4b87d3e9f10")
    if kind.status in {409, 422}:
        example["errors"] = [{"field": "records[1].started_at", "message": "a time zone is missing, for example a trailing Z"}]
    return example
