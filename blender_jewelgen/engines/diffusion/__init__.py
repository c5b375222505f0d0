"""Picture models of diffusers: one loader, one walk from words to a height, and what steers them. torch and diffusers come in inside functions."""
