"""What a command makes sure of before it begins to serve: that the keys and the model of its settings can be used."""

from factbook.cli.running import fail
from factbook.composition.service import keys_that_seal, model_of
from factbook.profile import MasterKeys
from factbook.settings import Settings


def master_keys_of(settings: Settings) -> MasterKeys:
    """The master keys; the command ends when there are none to use."""
    try:
        return keys_that_seal(settings)
    except ValueError as error:
        fail(str(error))


def check_model(settings: Settings) -> None:
    """End the command when a model is named that cannot be used. Whether its server answers is found out when it is asked."""
    try:
        model_of(settings)
    except ValueError as error:
        fail(str(error))
