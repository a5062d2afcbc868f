"""The routes of OpenAI's clients."""
