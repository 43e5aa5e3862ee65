"""Content is data: replies, notices, plans, lexicons and platform rules as typed values.

Each file lies in ``resources/`` and may be replaced by one of the same relative name in
the user's own content folder. Errors name file, entry and field.
"""
