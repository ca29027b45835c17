"""Understanding text: one protocol for rules and for models, and a gate that lets nothing through that no text states."""

from factbook.language.failures import LanguageFailure, OverBudget, RateLimited, Refused, Unreachable, UnusableAnswer
from factbook.language.model import Answer, LLMExecutor, Reply, Source, Task, Usage
from factbook.language.rule_book import Rule, RuleBook
from factbook.language.tasks import (
    FindRequirements,
    FindValues,
    FoundRequirement,
    FoundRequirements,
    FoundValue,
    FoundValues,
    SuggestDefinitions,
    SuggestedDefinition,
    SuggestedDefinitions,
    ValueKind,
    WantedField,
)

__all__ = [
    "Answer",
    "FindRequirements",
    "FindValues",
    "FoundRequirement",
    "FoundRequirements",
    "FoundValue",
    "FoundValues",
    "LLMExecutor",
    "LanguageFailure",
    "OverBudget",
    "RateLimited",
    "Refused",
    "Reply",
    "Rule",
    "RuleBook",
    "Source",
    "SuggestDefinitions",
    "SuggestedDefinition",
    "SuggestedDefinitions",
    "Task",
    "Unreachable",
    "UnusableAnswer",
    "Usage",
    "ValueKind",
    "WantedField",
]
