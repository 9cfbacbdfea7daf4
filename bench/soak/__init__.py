"""Mixed load with faults, for as long as it is told."""
