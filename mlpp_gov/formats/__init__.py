"""Formats of figures and dates per language (settings.FORMAT_MODULE_PATH): words change, figures do not."""
