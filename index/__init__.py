"""Finds passages for words: Japanese analysis, schema, query building, ranking.

This room sees `Passage` and `Words` only: it knows of no project or program, of no Flask, and makes no sentence.
"""
