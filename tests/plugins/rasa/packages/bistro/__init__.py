"""The actions of a bistro's bot, as somebody wrote them for Rasa."""
