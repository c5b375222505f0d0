"""Services over the network: off until a key is given and the network is allowed."""
