"""The interface of OpenAI's API (https://platform.openai.com/docs/api-reference): each persona is a model."""

from .answers import Turns
from .router import compatible_router

__all__ = ["Turns", "compatible_router"]
