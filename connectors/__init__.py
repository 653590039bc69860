"""Connectors: the code that speaks to marketing platforms. Usable without the rest of Maturo."""
