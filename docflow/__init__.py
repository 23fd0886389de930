"""Regulated documents of education in Kazakhstan."""
