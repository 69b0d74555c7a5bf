"""personac: a compiler and runtime for chat-bot personas."""

__version__ = "0.1.0"
