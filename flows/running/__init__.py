"""How the work of a run is done: in processes or on a cluster, group by group, kept for later runs, safe to kill."""
