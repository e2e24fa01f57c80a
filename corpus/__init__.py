"""The plan as data: YAML files, their typed model, the loader, the checks and the importer.

This room knows nothing of Whoosh, Sudachi or Flask, and imports no other room.
"""
