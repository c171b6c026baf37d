"""Days and times as people here write them; figures follow Django's own rules."""
