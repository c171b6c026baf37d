"""Calls that this server makes to addresses which others have named."""
