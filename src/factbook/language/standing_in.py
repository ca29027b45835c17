"""Who answers when a model cannot: rules, where somebody waits for the answer; nobody, where the task can be done later."""

import structlog
from prometheus_client import Counter

from factbook.language.failures import LanguageFailure
from factbook.language.model import AnswerType, LLMExecutor, Reply, Task
from factbook.language.tasks import FindValues

STAND_INS = Counter("factbook_language_stand_ins_total", "Tasks that rules did because a model failed.", ["prompt"])

log = structlog.get_logger()


class StandingIn:
    """A model, with rules that stand in for it where a value is looked for in a conversation. The reply says who answered.

    What a scenario needs is found by jobs, which come back after a failure. Rules standing in there would find less and so take back what the model
    had found before, as often as its server has a bad moment.
    """

    def __init__(self, model: LLMExecutor, rules: LLMExecutor) -> None:
        self._model = model
        self._rules = rules

    @property
    def extractor(self) -> str:
        """The model."""
        return self._model.extractor

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Have the model do the task. Raises its `LanguageFailure`, unless rules may stand in."""
        is_waited_for = isinstance(task, FindValues)
        try:
            return await self._model.execute(task)
        except LanguageFailure as failure:
            if not is_waited_for:
                raise
            STAND_INS.labels(task.prompt).inc()
            log.warning("rules_stood_in", prompt=task.prompt, failure=type(failure).__name__)
        return await self._rules.execute(task)
