"""Weights of models: what is known of them, what is here, what may be used, how it is fetched, what fits this machine."""
