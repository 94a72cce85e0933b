"""The vocabulary of Hinomi: columns, zones, registers, municipalities, time, settings and errors.

Imports nothing else of ours, and nothing heavy at import time.
"""
