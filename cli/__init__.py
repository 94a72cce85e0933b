"""The composition root: one module per command."""
