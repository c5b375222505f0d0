"""Words to a Design: slots, weights, the craft lexicon."""
