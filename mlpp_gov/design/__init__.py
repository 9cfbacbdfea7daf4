"""The living page of the visual language: for developers, in development only."""
