"""Message -> reply: a pure function of (message, thread), the same for every shell.

This room imports neither Flask nor Whoosh and holds no Japanese sentence: those are in corpus/lines.yml.
"""
