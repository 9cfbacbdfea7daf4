"""What is to handle now, how quickly it is handled, and the weekly report."""
