"""Results of many computers, compared: who is affected, and what differs from those that are not."""
