"""The journal of suspicious accesses: what is seen at the door, kept without ever holding it up."""
