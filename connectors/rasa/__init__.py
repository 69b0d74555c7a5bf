"""Each persona as an action server of Rasa: a Rasa bot calls its skills, or lets it answer, by `action_endpoint`."""

from .connector import RasaConnector

__all__ = ["RasaConnector"]
