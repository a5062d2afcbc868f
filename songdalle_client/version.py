"""The version, read from here by pyproject.toml as well. A test holds the models' package to the same one."""

__version__ = "0.1.0"
