"""The page of the access journal."""
