"""One module per version of the catalogue, in the order of their numbers."""
