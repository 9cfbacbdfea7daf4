"""The RLS audit: what it finds, what is accepted, what each role can do, and its history."""
