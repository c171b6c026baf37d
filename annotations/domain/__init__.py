"""The rules of reviewing: pure functions; no Django, no clock, no dice, no input and output."""
