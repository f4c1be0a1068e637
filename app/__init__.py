"""Shebao (社保): social-insurance rules as data, decided exactly and explained to the article of law."""

__version__ = "0.1.0"
