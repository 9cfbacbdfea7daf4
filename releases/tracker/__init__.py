"""The Phase 2 tracker: the ten actions, the rules that keep them honest, progress per axis."""
