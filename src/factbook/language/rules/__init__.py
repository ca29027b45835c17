"""The executor of rules: deterministic, without a network, honest about what it does not know."""

from factbook.language.rules.executor import RulesExecutor

__all__ = ["RulesExecutor"]
