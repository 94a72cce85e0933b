"""A prefecture that does not exist: its logs, with ordinary noise and labelled attacks."""
