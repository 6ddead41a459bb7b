"""Schemas, the settings reference and the example files, made from the models."""
