"""Who is told what, by which way out, and what became of each message: pages over alerts' tables."""
