"""A prefecture that does not exist: its logs, with ordinary noise and labelled attacks."""

from simulator.run import Summary, simulate

__all__ = ["Summary", "simulate"]
