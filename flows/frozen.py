"""Imported last by the process of which the furnished ones are copies (`processes.py`): what it holds by then stays for good.

Its copies share that memory until one writes to it, and every look for garbage writes into each object it looks at.
"""

import gc

gc.collect()
gc.freeze()
