"""The door: sign-in, its second factor, its locks, the passwords, and how long a session lasts."""
