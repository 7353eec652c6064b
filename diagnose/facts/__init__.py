"""Named values about a product on a machine, each with where it was read and what was tried."""
