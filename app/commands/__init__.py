"""The commands of the command line, a file each, and the session all commands share.

`app.cli` is the whole command line: it knows where each command stands, and imports it when it is called. Commands over
populations import pyarrow when they run.
"""
