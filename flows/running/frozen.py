"""Imported last by the process of which the furnished ones are copies (`processes.py`): what it holds by then stays for good.

Its copies share that memory until one writes to it, and every look for garbage writes into each object it looks at. At its
end DuckDB's bindings would count what stayed as leaked, in dozens of lines.
"""

from flows.environment import mute_the_end, settle_memory, texts_as_python_objects

mute_the_end()
texts_as_python_objects()
settle_memory()
