"""One module per environment; `env` reads the variables, `base` says what they mean."""
