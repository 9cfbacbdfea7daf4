"""The ASTM 53B simulation report: figures, page, spreadsheet, approval."""
