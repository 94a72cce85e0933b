"""Versions of the catalogue, as alembic applies them. Each ships in the wheel."""
