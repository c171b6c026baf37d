"""ReviewHub: from an incoming prediction to a repaired model; this package wires the parts."""

__version__ = "0.1.0"
