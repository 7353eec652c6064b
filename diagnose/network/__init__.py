"""Questions to the network, one module each. All of them bound their own time; none knows what the answer is for."""
