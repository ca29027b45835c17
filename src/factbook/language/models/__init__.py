"""Models of language behind the protocol that rules obey too. Importing this loads no library of models; `opening` does, when one is named."""

from factbook.language.models.choice import Limits, ModelChoice, model_choice

__all__ = ["Limits", "ModelChoice", "model_choice"]
