"""The facts behind an alert, on a page and as a spreadsheet."""
