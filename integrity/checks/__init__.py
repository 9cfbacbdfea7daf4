"""The checks themselves: what each is, how it fares, how it is tuned and proven."""
