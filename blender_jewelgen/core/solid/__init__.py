"""Any mesh made one closed body that can be cast: sized, symmetric, flat at the back, with a finger hole."""
